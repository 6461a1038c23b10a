import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import type { Measurement, Reply, Request, Work } from '../protocol.js';
import { peakMemory } from './memory.js';

export interface PreparedPeer {
  label: string;
  /** Goes over all samples `passes` times. */
  run(passes: number): Promise<unknown>;
}

/**
 * Answers the harness on standard input and output until the input is closed.
 *
 * @param load loads the library; only then is it known how long that takes.
 */
export async function serve<Library, W extends Work>(
  load: () => Promise<Library>,
  prepare: (library: Library, workload: W, threads: number) => PreparedPeer | Promise<PreparedPeer>,
): Promise<void> {
  let peer: PreparedPeer | undefined;
  let samples = 0;
  let secondsPerPass = 0;

  async function measure(passes: number): Promise<Measurement> {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const start = performance.now();
    await peer?.run(passes);
    const seconds = (performance.now() - start) / 1000;
    await setTimeout(2); // one that kept the loop to itself to the end is only noticed after it
    delay.disable();
    secondsPerPass = seconds / passes;
    const [p50, p99, worst] = [delay.percentile(50), delay.percentile(99), delay.max];
    const loopDelay = { p50: p50 / 1e6, p99: p99 / 1e6, worst: worst / 1e6 };
    return { samples: samples * passes, seconds, loopDelay, peakMemory: peakMemory() };
  }

  async function answer(request: Request): Promise<Reply> {
    if (request.type === 'run') {
      const passes = Math.max(1, Math.round(request.seconds / secondsPerPass));
      return { type: 'result', ...(await measure(passes)) };
    }
    const before = performance.now();
    const library = await load();
    const loaded = performance.now();
    peer = await prepare(library, request.workload as W, request.threads);
    samples = request.workload.samples;
    await measure(1); // warms up: compilation, caches, memory
    const startup = {
      import: (loaded - before) / 1000,
      firstPass: (Date.now() - request.started) / 1000,
      resident: process.memoryUsage.rss(),
    };
    await measure(1); // tells how many passes fill a run
    return { type: 'ready', label: peer.label, startup };
  }

  for await (const line of createInterface(process.stdin)) {
    const reply = await answer(JSON.parse(line) as Request).catch(
      (error: Error): Reply => ({ type: 'error', message: error.message }),
    );
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
}
