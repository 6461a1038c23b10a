import { addon, native } from './addon.js';

/** GFLOP/s that this machine reaches at most, on as many threads as compute. */
export interface MachineLimits {
  /** Multiply-adds in registers. */
  readonly fma: number;
  /** The best square sgemm of BLAS, one on each thread. */
  readonly blas: number;
}

/** Measures them, each for about so long; for benchmarks, and not exported. The event loop waits. */
export function measureLimits(milliseconds: number): MachineLimits {
  return native(() => addon().measureLimits(milliseconds));
}
