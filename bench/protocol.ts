import type { Workload } from './workloads.js';

/** What the harness writes to a peer's standard input, one JSON object a line. */
export type Request =
  | { type: 'prepare'; workload: Workload; threads: number }
  | { type: 'run'; seconds: number };

/** What a peer answers on its standard output, one JSON object a line. */
export type Reply =
  | { type: 'ready'; label: string; peakGflops?: number }
  | ({ type: 'result' } & Measurement)
  | { type: 'error'; message: string };

export interface Measurement {
  samples: number;
  seconds: number;
  /** Delay of Node's event loop during the run, in ms; peers in other languages have none. */
  loopDelay?: { p50: number; p99: number };
}
