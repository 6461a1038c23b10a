import { describe, it } from 'vitest';
import * as luge from '../../lib/index.js';
import {
  create,
  decode,
  type Encoded,
  expectClose,
  largest,
  readGolden,
  toTensor,
  UNIT,
} from './golden.js';

interface GoldenConstraint {
  title: string;
  constraint: string;
  options: object;
  weight: Encoded;
  result: Encoded;
}

describe('constraints against Keras in float64', () => {
  it.each(readGolden<GoldenConstraint[]>('constraints'))('$title', async (golden) => {
    const constraint: luge.constraints.Constraint = create(
      luge.constraints,
      golden.constraint,
      golden.options,
    );
    const x = luge.input({ shape: golden.weight.shape.slice(1) });
    const apply = (weight: luge.Value) => constraint.apply(weight);
    const y = luge.layers.lambda({ function: apply }).apply(x);
    const batchSize = golden.weight.shape[0] as number;
    const found = await luge.model({ inputs: x, outputs: y }).predict(toTensor(golden.weight), {
      batchSize,
    });
    const expected = decode(golden.result);
    // unit x roundings: a sum of at most 24 squares, its root, and 6 operations.
    expectClose((found as luge.Tensor).data, expected, UNIT * 32 * largest(expected), 'weight');
  });
});
