import type { Convolution } from './convolutions.js';
import type { Workload } from './workloads.js';

/** What a peer can be asked to do. */
export type Work = Workload | Convolution;

/** What the harness writes to a peer's standard input, one JSON object a line. */
export type Request =
  /** `started`: when the process was, in ms since 1970. */
  | { type: 'prepare'; workload: Work; threads: number; started: number }
  | { type: 'run'; seconds: number };

/** What a peer answers on its standard output, one JSON object a line. */
export type Reply =
  | { type: 'ready'; label: string; startup: Startup }
  | ({ type: 'result' } & Measurement)
  | { type: 'error'; message: string };

export interface Startup {
  /** To load the library, in seconds. */
  import: number;
  /** From the start of the process to the end of the first pass over the samples, in seconds. */
  firstPass: number;
  /** Resident memory after it, in bytes. */
  resident: number;
}

export interface Measurement {
  samples: number;
  seconds: number;
  /** The most resident memory that the process ever had, in bytes. */
  peakMemory: number;
  /** Delay of Node's event loop during the run, in ms; peers in other languages have none. */
  loopDelay?: { p50: number; p99: number; worst: number };
}
