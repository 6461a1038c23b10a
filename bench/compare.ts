// npm run bench:compare -- [commit] [--only cnn-train] [--seconds 1] [--rounds 7] [--threads 2]
// Fails when this checkout is slower than an earlier commit; both are measured in one run.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, symlink } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type BaseCommit, baseCommit } from './base_commit.js';
import { measureWorkload } from './measure.js';
import { pick, positive, positiveInteger } from './options.js';
import { type PeerResult, ratio } from './results.js';
import { script } from './script.js';
import { type Workload, workloads } from './workloads.js';

const checkout = fileURLToPath(new URL('..', import.meta.url));

/** Slower than this part of the base's rate is too slow: so much is not noise. */
const least = 0.75;

interface Options {
  base: BaseCommit | undefined;
  workloads: Workload[];
  seconds: number;
  rounds: number;
  threads: number;
}

function readOptions(): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      only: { type: 'string', default: 'cnn-train,mlp-train,cnn2-b10-train' },
      seconds: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '7' },
      threads: { type: 'string', default: String(availableParallelism()) },
    },
  });
  const asked = positionals[0] ?? process.env.LUGE_BENCH_BASE;
  return {
    base: asked ? { commit: asked, reason: 'as asked' } : baseCommit(checkout),
    workloads: pick(workloads, ({ name }) => name, values.only, 'only'),
    seconds: positive('seconds', values.seconds),
    rounds: positiveInteger('rounds', values.rounds),
    threads: positiveInteger('threads', values.threads),
  };
}

/** Runs a command and gives its output; throws its error output. */
function output(command: string, args: string[], cwd: string): string {
  const options = { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 } as const;
  const { status, stdout, stderr, error } = spawnSync(command, args, options);
  if (status === 0) return stdout.trim();
  throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? (stderr || stdout)}`);
}

/** Builds the commit in a folder of its own, unless that is done. Gives the folder. */
async function buildBase(commit: string): Promise<string> {
  const folder = join(checkout, 'build', 'base', commit);
  if (existsSync(join(folder, 'dist', 'index.js'))) return folder;
  await rm(join(checkout, 'build', 'base'), { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const archive = join(folder, 'archive.tar');
  output('git', ['archive', `--output=${archive}`, commit], checkout);
  output('tar', ['-xf', archive], folder);
  await rm(archive);

  // The same packages, where the same were asked for.
  const locked = (root: string) => readFile(join(root, 'package-lock.json'), 'utf8');
  if ((await locked(folder)) === (await locked(checkout))) {
    await symlink(join(checkout, 'node_modules'), join(folder, 'node_modules'));
  } else {
    output('npm', ['ci', '--include=dev', '--no-audit', '--no-fund'], folder);
  }
  const settings = [
    '--CDLUGE_TESTS=OFF',
    `--CDCMAKE_PROJECT_INCLUDE=${join(checkout, 'bench', 'base.cmake')}`,
  ];
  const parallel = ['--parallel', String(availableParallelism())];
  output('npx', ['--no-install', 'cmake-js', 'build', ...settings, ...parallel], folder);
  const bundle = ['--bundle', '--platform=node', '--format=esm', '--packages=external'];
  const files = ['lib/index.ts', '--outfile=dist/index.js'];
  output('npx', ['--no-install', 'esbuild', ...files, ...bundle, '--keep-names'], folder);
  return folder;
}

/** How many times as fast this checkout is as the base; 0 when it does not run what the base does. */
async function compare(
  workload: Workload,
  base: string,
  { rounds, seconds, threads }: Options,
): Promise<number | undefined> {
  const contestants = [
    { peer: 'luge', threads, command: script('luge') },
    { peer: 'base', threads, command: script('luge', base) },
  ];
  const { peers } = await measureWorkload(workload, contestants, rounds, seconds);
  const find = (name: string): PeerResult | undefined => peers.find(({ peer }) => peer === name);
  const [ours, theirs] = [find('luge'), find('base')];
  if (theirs === undefined) return undefined; // what it cannot do is not slower now
  return ours === undefined ? 0 : ratio(ours, theirs);
}

async function main(): Promise<void> {
  const options = readOptions();
  if (options.base === undefined) {
    console.log('No earlier commit is there to compare with (a shallow clone?): nothing was done.');
    return;
  }
  const { reason } = options.base;
  const commit = output('git', ['rev-parse', `${options.base.commit}^{commit}`], checkout);
  const short = commit.slice(0, 10);
  console.log(
    `Comparing with ${short} (${reason}); building it takes a minute, the first time ...`,
  );
  let base: string;
  try {
    base = await buildBase(commit);
  } catch (error) {
    // That an earlier commit does not build says nothing about this one.
    console.log(
      `${short} could not be built, so there is no comparison: ${(error as Error).message}`,
    );
    return;
  }

  const slower: string[] = [];
  for (const workload of options.workloads) {
    let times = await compare(workload, base, options);
    if (times !== undefined && times < least) {
      console.log(
        `${workload.name}: ${times.toFixed(2)}x; once more, to see whether that was noise`,
      );
      times = await compare(workload, base, options);
    }
    console.log(`${workload.name}: ${times === undefined ? 'new' : `${times.toFixed(2)}x`}`);
    if (times !== undefined && times < least) slower.push(workload.name);
  }
  if (slower.length === 0) return;
  console.error(`Slower than ${least}x of ${short}: ${slower.join(', ')}`);
  process.exitCode = 1;
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
