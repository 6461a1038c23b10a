import { LugeError } from '../core/errors.js';
import { addon, type BackendInfo } from './addon.js';

/**
 * How many threads compute, in the whole process. Results do not depend on it.
 *
 * @param count from 1 to 1024; by default as many as there are processors.
 * @example
 * ```ts
 * setThreads(2);
 * threads(); // => 2
 * ```
 */
export function setThreads(count: number): void {
  if (!Number.isInteger(count) || count < 1 || count > 1024) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `setThreads takes a whole number from 1 to 1024, but got ${count}.`,
    );
  }
  addon().setThreads(count);
}

/**
 * How many threads compute.
 *
 * @example
 * ```ts
 * threads() >= 1; // => true
 * ```
 */
export function threads(): number {
  return addon().threads();
}

/**
 * What computes: the BLAS library and its kernels, the vector instructions, the threads.
 *
 * @example
 * ```ts
 * const { blas, simd, threads } = backendInfo();
 * console.log(`${blas} and ${simd} on ${threads} threads`);
 * ```
 */
export function backendInfo(): BackendInfo {
  return addon().backendInfo();
}
