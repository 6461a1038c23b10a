import { execFileSync } from 'node:child_process';

export interface BaseCommit {
  commit: string;
  /** Why this one. */
  reason: string;
}

const day = 24 * 60 * 60;

/**
 * The commit that a checkout is to be compared with: where it left the main branch. When it is the
 * main branch, the state of a day before, so that several small losses are not compared one by one
 * and overlooked; in a history shorter than that, its oldest commit. Undefined when there is no
 * other commit at all, as in the shallowest clone.
 */
export function baseCommit(folder: string): BaseCommit | undefined {
  const git = (...args: string[]) => {
    try {
      return execFileSync('git', args, {
        cwd: folder,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      }).trim();
    } catch {
      return ''; // no such branch, no repository, no git
    }
  };
  const head = git('rev-parse', 'HEAD');
  const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
  for (const branch of ['origin/main', 'main']) {
    const commit = git('merge-base', 'HEAD', branch);
    if (commit !== '' && (commit !== head || changed)) {
      return { commit, reason: `where this left ${branch}` };
    }
  }
  const time = Number(git('show', '--no-patch', '--format=%ct', 'HEAD'));
  const line = git('log', '--first-parent', '--format=%H %ct').split('\n');
  const ancestors = line.slice(1).map((row) => row.split(' ') as [string, string]);
  const earlier = ancestors.find(([, committed]) => Number(committed) <= time - day);
  if (earlier !== undefined) return { commit: earlier[0], reason: 'a day before' };
  const oldest = ancestors.at(-1);
  return oldest && { commit: oldest[0], reason: 'the oldest there is' };
}
