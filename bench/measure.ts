import { type PeerCommand, PeerProcess } from './peer_process.js';
import type { Startup } from './protocol.js';
import type { PeerResult, StartResult, WorkloadResult } from './results.js';
import { peers, preparePeer } from './setup_peers.js';
import type { Workload } from './workloads.js';

/** A peer on so many threads. */
export interface Contestant {
  peer: string;
  threads: number;
  /** What runs it. Default: that of the peer by this name, which is set up when needed. */
  command?: PeerCommand;
}

interface RunningPeer {
  process: PeerProcess;
  result: PeerResult;
  startup: Startup;
}

function takes({ peer }: Contestant, { kind }: Workload): boolean {
  return peers[peer]?.kinds?.includes(kind) ?? true;
}

/** Starts a peer and warms it up; says in one line why there is none. */
async function startPeer(
  { peer, threads, command: given }: Contestant,
  workload: Workload,
): Promise<RunningPeer | undefined> {
  let process: PeerProcess | undefined;
  try {
    const command = given ?? (await preparePeer(peer));
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
    return { process, startup, result: { peer, label, threads, rounds: [] } };
  } catch (error) {
    console.error(`${workload.name}: ${peer} is skipped: ${(error as Error).message}`);
    await process?.end();
    return undefined;
  }
}

/** One round after the other, each with every peer in turn, so that all see the same machine. */
export async function measureWorkload(
  workload: Workload,
  contestants: readonly Contestant[],
  rounds: number,
  seconds: number,
): Promise<WorkloadResult> {
  let running: RunningPeer[] = [];
  for (const contestant of contestants) {
    if (!takes(contestant, workload)) continue;
    const peer = await startPeer(contestant, workload);
    if (peer !== undefined) running.push(peer);
  }
  for (let round = 0; round < rounds; round++) {
    const turn = round % Math.max(1, running.length);
    for (const peer of [...running.slice(turn), ...running.slice(0, turn)]) {
      try {
        const run = { type: 'run', seconds } as const;
        const { type: _, ...measurement } = await peer.process.ask(
          run,
          'result',
          60 + 20 * seconds,
        );
        peer.result.rounds.push(measurement);
      } catch (error) {
        const { label } = peer.result;
        console.error(`${workload.name}: ${label} stopped: ${(error as Error).message}`);
        await peer.process.end();
        running = running.filter((other) => other !== peer);
      }
    }
  }
  await Promise.all(running.map((peer) => peer.process.end()));
  const results = running.map((peer) => peer.result);
  return { workload: workload.name, batch: workload.batch, flops: workload.flops, peers: results };
}

/** Starts every peer anew in each round, to train one batch of `workload`. */
export async function measureStarts(
  workload: Workload,
  contestants: readonly Contestant[],
  rounds: number,
): Promise<StartResult[]> {
  const oneStep = { ...workload, name: 'start', samples: workload.batch };
  const results = new Map<string, StartResult>();
  const given = contestants.filter((contestant) => takes(contestant, workload));
  // The first start of each finds its files on the disk, and is not counted.
  for (let round = -1; round < rounds; round++) {
    for (const contestant of given) {
      if (round >= 0 && !results.has(contestant.peer)) continue;
      const running = await startPeer(contestant, oneStep);
      if (running === undefined) continue;
      await running.process.end();
      const { peer, label } = running.result;
      const result = results.get(peer) ?? { peer, label, rounds: [] };
      if (round >= 0) result.rounds.push(running.startup);
      results.set(peer, result);
    }
  }
  return [...results.values()].filter((result) => result.rounds.length > 0);
}
