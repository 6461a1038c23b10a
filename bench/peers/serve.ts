import { monitorEventLoopDelay, performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import type { Measurement, Reply, Request } from '../protocol.js';
import type { Workload } from '../workloads.js';

export interface PreparedPeer {
  label: string;
  peakGflops?: number;
  /** Goes over all samples `passes` times. */
  run(passes: number): Promise<unknown>;
}

/** Answers the harness on standard input and output until the input is closed. */
export async function serve(
  prepare: (workload: Workload, threads: number) => Promise<PreparedPeer>,
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
    delay.disable();
    secondsPerPass = seconds / passes;
    const loopDelay = { p50: delay.percentile(50) / 1e6, p99: delay.percentile(99) / 1e6 };
    return { samples: samples * passes, seconds, loopDelay };
  }

  async function answer(request: Request): Promise<Reply> {
    if (request.type === 'run') {
      const passes = Math.max(1, Math.round(request.seconds / secondsPerPass));
      return { type: 'result', ...(await measure(passes)) };
    }
    peer = await prepare(request.workload, request.threads);
    samples = request.workload.samples;
    await measure(1); // warms up: compilation, caches, memory
    await measure(1); // tells how many passes fill a run
    const { label, peakGflops } = peer;
    return { type: 'ready', label, ...(peakGflops === undefined ? {} : { peakGflops }) };
  }

  for await (const line of createInterface(process.stdin)) {
    const reply = await answer(JSON.parse(line) as Request).catch(
      (error: Error): Reply => ({ type: 'error', message: error.message }),
    );
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
}

/** Random rows: inputs in [0, 1) and the label of each row. */
export function randomRows(workload: Workload): { x: Float32Array; y: Float32Array } {
  const width = workload.input.reduce((product, dim) => product * dim, 1);
  const x = Float32Array.from({ length: workload.samples * width }, Math.random);
  const y = new Float32Array(workload.samples * workload.classes);
  for (let row = 0; row < workload.samples; row++) {
    y[row * workload.classes + Math.floor(Math.random() * workload.classes)] = 1;
  }
  return { x, y };
}
