import { describe, expect, it } from 'vitest';
import type { Value } from '../../lib/graph/ir.js';
import { get, l1, l1l2, l2, type Regularizer } from '../../lib/regularizers/index.js';
import { checkOp, floats } from '../support/check_op.js';
import { Real, total } from '../support/op_reference.js';

const cases: [title: string, regularizer: Regularizer, a: number, b: number][] = [
  ['l1', l1(0.25), 0.25, 0],
  ['l1 by default', l1(), 0.01, 0],
  ['l2', l2({ l2: 0.5 }), 0, 0.5],
  ['l1l2', l1l2({ l1: 0.25, l2: 0.5 }), 0.25, 0.5],
  ['l1l2 by name', get('l1_l2'), 0.01, 0.01],
  ['l1l2 of nothing', l1l2({ l1: 0, l2: 0 }), 0, 0],
];

describe('regularizers', () => {
  it.each(cases)('%s', (_, regularizer, a, b) => {
    checkOp({
      inputs: [floats([3, 5])],
      op: (weight: Value) => regularizer.penalty(weight),
      reference: (weight) => {
        const terms = [...weight.data].map((w) => a * Math.abs(w) + b * w * w);
        return new Real([], Float64Array.of(total(terms)));
      },
      length: 20,
      atOnce: false,
    });
    const config = JSON.parse(JSON.stringify(regularizer.getConfig()));
    const copy = get({ class_name: regularizer.className, config });
    expect(copy.getConfig()).toEqual(regularizer.getConfig());
  });

  it('refuse what makes no sense', () => {
    expect(() => get('l3')).toThrow(/Unknown regularizer 'l3'/);
    expect(() => l2(-1)).toThrow(/l2 must be a finite number of at least 0, but got -1/);
    expect(() => l1({ l2: 1 } as never)).toThrow("Unknown L1 option 'l2'");
  });
});
