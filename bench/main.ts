// npm run bench -- [--only cnn-train,mlp-train] [--peers luge,torch] [--seconds 3] [--rounds 5]
//                  [--threads 1,2] [--system] [--out folder]
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { barChart } from './chart.js';
import { highest, type Limits, measureLimits } from './limits.js';
import { type Contestant, measureStarts, measureWorkload } from './measure.js';
import { pick, positive, positiveInteger } from './options.js';
import { table } from './report.js';
import type { Results } from './results.js';
import { peers } from './setup_peers.js';
import { type Workload, workloads } from './workloads.js';

interface Options {
  workloads: Workload[];
  peers: string[];
  seconds: number;
  rounds: number;
  /** Ascending. luge runs on each of them, the others on the last. */
  threads: number[];
  /** Whether to measure how peers start. */
  system: boolean;
  out: string;
}

/** Rows that say more about a library than how fast its kernels are. */
const systemRows = 'cnn-train,tiny-train';

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      peers: { type: 'string' },
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '5' },
      threads: { type: 'string' },
      system: { type: 'boolean' },
      out: { type: 'string', default: fileURLToPath(new URL('results', import.meta.url)) },
    },
  });
  const system = values.system ?? values.only === undefined;
  const only = values.only ?? (values.system ? systemRows : undefined);
  const threads = values.threads
    ? values.threads.split(',').map((count) => positiveInteger('threads', count))
    : defaultThreads(system);
  // luge is what the others are compared with, named or not.
  const names = values.peers && `luge,${values.peers}`;
  return {
    workloads: pick(workloads, (workload) => workload.name, only, 'only'),
    peers: pick(Object.keys(peers), (name) => name, names, 'peers'),
    seconds: positive('seconds', values.seconds),
    rounds: positiveInteger('rounds', values.rounds),
    threads: [...new Set(threads)].sort((a, b) => a - b),
    system,
    out: values.out,
  };
}

/** All processors; with `sweep` also one, two, four and so on. */
function defaultThreads(sweep: boolean): number[] {
  const all = availableParallelism();
  const counts = [all];
  for (let count = 1; sweep && count < all; count *= 2) counts.push(count);
  return counts;
}

async function main(): Promise<void> {
  const options = readOptions();
  const most = options.threads.at(-1) as number;
  const contestants: Contestant[] = [
    ...options.peers.map((peer) => ({ peer, threads: most })),
    ...options.threads.slice(0, -1).map((threads) => ({ peer: 'luge', threads })),
  ];
  const limits: Limits[] = [];
  const lookAtLimits = async () => {
    for (const threads of options.threads) limits.push(...(await measureLimits(threads)));
  };
  const results: Results = {
    date: new Date().toISOString(),
    machine: cpus()[0]?.model.trim() ?? process.arch,
    node: process.versions.node,
    seconds: options.seconds,
    limits: [],
    workloads: [],
    starts: [],
  };
  await lookAtLimits();
  const start = performance.now();
  for (const [i, workload] of options.workloads.entries()) {
    const { rounds, seconds } = options;
    const result = await measureWorkload(workload, contestants, rounds, seconds);
    if (result.peers.length > 0) results.workloads.push(result);
    const left = options.workloads.length - i - 1;
    const eta = ((performance.now() - start) / 60_000 / (i + 1)) * left;
    console.error(`${workload.name} measured; ${left} to go, about ${eta.toFixed(1)} minutes.`);
  }
  if (options.system) {
    const tiny = workloads.find(({ name }) => name === 'tiny-train') as Workload;
    const once = contestants.filter(({ threads }) => threads === most);
    results.starts = await measureStarts(tiny, once, options.rounds);
  }
  await lookAtLimits();
  results.limits = highest(limits);
  console.log(table(results));
  await mkdir(options.out, { recursive: true });
  await writeFile(join(options.out, 'latest.json'), `${JSON.stringify(results, null, 2)}\n`);
  await writeFile(join(options.out, 'latest.svg'), barChart(results));
  console.log(`\nWritten: latest.json and latest.svg in ${options.out}`);
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
