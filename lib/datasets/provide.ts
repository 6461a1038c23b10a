import { LugeError } from '../core/errors.js';
import { downloadFile } from './download.js';
import {
  type DatasetOptions,
  type DatasetSource,
  downloadFolder,
  searchFolders,
  searchIn,
} from './locate.js';

/**
 * The paths of the data set's files, in the order of `source.files`: from the first folder that has
 * them all, or downloaded.
 *
 * @throws LugeError NOT_FOUND with every place that was tried and how to provide the files.
 */
export async function provideFiles(
  source: DatasetSource,
  options: DatasetOptions = {},
): Promise<string[]> {
  if (options.dir !== undefined && (typeof options.dir !== 'string' || options.dir === '')) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `${source.title}: dir must be the path of a folder, but got '${options.dir}'.`,
    );
  }
  const searched: string[] = [];
  for (const folder of searchFolders(source, options)) {
    const found = await searchIn(folder, source);
    if ('paths' in found) return found.paths;
    searched.push(`${folder}: ${found.problem}`);
  }
  const folder = downloadFolder(source, options);
  try {
    const paths: string[] = [];
    for (const file of source.files) {
      const urls = source.mirrors.map((mirror) => new URL(file.name, mirror).href);
      paths.push(await downloadFile(file, urls, folder));
    }
    return paths;
  } catch (error) {
    throw new LugeError('NOT_FOUND', explain(source, searched, error as Error), { cause: error });
  }
}

function explain(source: DatasetSource, searched: readonly string[], error: Error): string {
  const names = source.files.map((file) => file.name).join(', ');
  return [
    `${source.title} was not found and could not be downloaded.`,
    'Looked in:',
    ...searched.map((place) => `  ${place}`),
    'Download:',
    `  ${error.message.replaceAll('\n', '\n  ')}`,
    'To provide it, put these files, packed or not, in a folder and pass that as { dir }, or in a ' +
      `folder '${source.folders[0]}' under the one that LUGE_DATA names: ${names}.`,
    ...(source.hint ? [source.hint] : []),
  ].join('\n');
}
