import { readFileSync } from 'node:fs';

/**
 * The most resident memory that this process ever had, in bytes. `maxRSS` would do, but on Linux it
 * starts with that of the process that started this one.
 */
export function peakMemory(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const status = readFileSync('/proc/self/status', 'utf8');
  return Number(/VmHWM:\s*(\d+) kB/.exec(status)?.[1]) * 1024;
}
