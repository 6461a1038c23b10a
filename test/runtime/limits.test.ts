import { setThreads } from 'luge';
import { expect, it } from 'vitest';
import { measureLimits } from '../../lib/runtime/limits.js';

it('limits of the machine are measured, and BLAS stays within what the units can do', () => {
  setThreads(1);
  const { fma, blas } = measureLimits(30);
  expect(blas).toBeGreaterThan(0.1);
  // Twice: the processor may be slower for the one than for the other.
  expect(blas).toBeLessThan(2 * fma);
});

it.each([-1, 0.5, 60_001])('%s milliseconds are refused', (milliseconds) => {
  expect(() => measureLimits(milliseconds)).toThrow(/milliseconds/);
});
