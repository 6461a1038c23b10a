import { describe, expect, it } from 'vitest';
import { addon } from '../../lib/runtime/addon.js';
import { checkContract } from '../../lib/runtime/contract.js';

describe('checkContract', () => {
  const { ops, functions } = addon();

  it('finds the same operations and functions on both sides', () => {
    expect(ops.length).toBeGreaterThan(30);
    expect(() => checkContract({ ops, functions })).not.toThrow();
  });

  it.each([
    [
      'one more in the binary',
      [...ops, { name: 'new_op', inputs: '', outputs: 'y', attrs: '' }],
      /'new_op' is only in the binary/,
    ],
    [
      'one missing',
      ops.filter(({ name }) => name !== 'conv2d'),
      /'conv2d' is missing in the binary/,
    ],
    [
      'other attributes',
      ops.map((op) => (op.name === 'dropout' ? { ...op, attrs: 'rate:f' } : op)),
      /'dropout' takes .*\{rate:f\} in the binary/,
    ],
  ])('names the difference: %s', (_, changed, message) => {
    expect(() => checkContract({ ops: changed, functions })).toThrow(message);
  });

  it('compares the vector functions one by one', () => {
    const swapped = [functions[1], functions[0], ...functions.slice(2)] as typeof functions;
    expect(() => checkContract({ ops, functions: swapped })).toThrow(/vector function 0 is abs/);
  });
});
