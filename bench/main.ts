// npm run bench -- [--only cnn-train,mlp-train] [--peers luge,torch] [--seconds 3] [--rounds 5]
//                  [--threads 2] [--out folder]
import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { PeerProcess } from './peer_process.js';
import { barChart, type PeerResult, type Results, table, type WorkloadResult } from './report.js';
import { peers, preparePeer } from './setup_peers.js';
import { type Workload, workloads } from './workloads.js';

interface Options {
  workloads: Workload[];
  peers: string[];
  seconds: number;
  rounds: number;
  threads: number;
  out: string;
}

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      peers: { type: 'string' },
      seconds: { type: 'string', default: '3' },
      rounds: { type: 'string', default: '5' },
      threads: { type: 'string', default: String(availableParallelism()) },
      out: { type: 'string', default: fileURLToPath(new URL('results', import.meta.url)) },
    },
  });
  const positive = (name: 'seconds' | 'rounds' | 'threads', whole: boolean) => {
    const value = Number(values[name]);
    if (value > 0 && (!whole || Number.isInteger(value))) return value;
    throw new Error(`--${name} must be a positive number, but got "${values[name]}"`);
  };
  return {
    workloads: pick(workloads, (workload) => workload.name, values.only, '--only'),
    peers: pick(
      Object.keys(peers),
      (name) => name,
      values.peers && `luge,${values.peers}`,
      '--peers',
    ),
    seconds: positive('seconds', false),
    rounds: positive('rounds', true),
    threads: positive('threads', true),
    out: values.out,
  };
}

/** The items whose names the comma-separated `wanted` lists, in their own order; all without it. */
function pick<T>(
  items: T[],
  name: (item: T) => string,
  wanted: string | undefined,
  option: string,
): T[] {
  if (wanted === undefined) return items;
  const names = wanted.split(',');
  const unknown = names.find((one) => !items.some((item) => name(item) === one));
  if (unknown !== undefined) {
    throw new Error(`${option}: no "${unknown}"; there are ${items.map(name).join(', ')}`);
  }
  return items.filter((item) => names.includes(name(item)));
}

interface RunningPeer {
  process: PeerProcess;
  result: PeerResult;
}

/** Starts a peer and warms it up; says in one line why there is none. */
async function startPeer(
  name: string,
  workload: Workload,
  threads: number,
): Promise<RunningPeer | undefined> {
  let process: PeerProcess | undefined;
  try {
    const command = await preparePeer(name);
    const count = String(threads);
    const env = {
      OMP_NUM_THREADS: count,
      TF_NUM_INTRAOP_THREADS: count,
      LUGE_BENCH_THREADS: count,
    };
    process = new PeerProcess({ ...command, env: { ...env, ...command.env } });
    const { started } = process;
    const prepare = { type: 'prepare', workload, threads, started } as const;
    const { label, startup } = await process.ask(prepare, 'ready', 300);
    return { process, result: { peer: name, label, startup, rounds: [] } };
  } catch (error) {
    console.error(`${workload.name}: ${name} is skipped: ${(error as Error).message}`);
    await process?.end();
    return undefined;
  }
}

/** One round after the other, each with every peer in turn, so that all see the same machine. */
async function measure(workload: Workload, options: Options): Promise<WorkloadResult> {
  let running: RunningPeer[] = [];
  for (const name of options.peers) {
    if (!(peers[name]?.kinds ?? [workload.kind]).includes(workload.kind)) continue;
    const peer = await startPeer(name, workload, options.threads);
    if (peer !== undefined) running.push(peer);
  }
  for (let round = 0; round < options.rounds; round++) {
    const turn = round % Math.max(1, running.length);
    for (const peer of [...running.slice(turn), ...running.slice(0, turn)]) {
      try {
        const limit = 60 + 20 * options.seconds;
        const run = { type: 'run', seconds: options.seconds } as const;
        const { type: _, ...measurement } = await peer.process.ask(run, 'result', limit);
        peer.result.rounds.push(measurement);
      } catch (error) {
        console.error(
          `${workload.name}: ${peer.result.label} stopped: ${(error as Error).message}`,
        );
        await peer.process.end();
        running = running.filter((other) => other !== peer);
      }
    }
  }
  await Promise.all(running.map((peer) => peer.process.end()));
  const results = running.map((peer) => peer.result);
  return { workload: workload.name, flops: workload.flops, peers: results };
}

async function main(): Promise<void> {
  const options = readOptions();
  const results: Results = {
    date: new Date().toISOString(),
    machine: cpus()[0]?.model.trim() ?? process.arch,
    node: process.versions.node,
    threads: options.threads,
    seconds: options.seconds,
    workloads: [],
  };
  for (const workload of options.workloads) {
    const result = await measure(workload, options);
    if (result.peers.length > 0) results.workloads.push(result);
  }
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
