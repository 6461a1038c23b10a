import { describe, expect, it } from 'vitest';
import type { Config } from '../../lib/core/registry.js';
import type { Value } from '../../lib/graph/ir.js';
import { Layer, type LayerOptions, register } from '../../lib/layers/index.js';
import * as ops from '../../lib/ops/index.js';
import { checkLayer, type LayerCase } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import type { Real } from '../support/op_reference.js';

/** factor * x */
class Scaled extends Layer {
  protected readonly factor: number;

  constructor(options: LayerOptions & { factor?: number } = {}) {
    super(options, ['factor']);
    this.factor = options.factor ?? 1;
  }

  override call(x: Value): Value {
    return ops.multiply(x, this.factor);
  }

  override getConfig(): Config {
    return { ...super.getConfig(), factor: this.factor };
  }
}

/** Does not write its option. */
class Forgetful extends Scaled {
  override getConfig(): Config {
    const { factor: _, ...config } = super.getConfig();
    return config;
  }
}

/** Answers to the size of the batch. */
class BatchWise extends Scaled {
  override call(x: Value): Value {
    return ops.multiply(x, this.factor * (x.shape[0] as number));
  }
}

/** Its gradient is half of what it should be. */
class HalfSlope extends Scaled {
  override call(x: Value): Value {
    const half = ops.multiply(x, this.factor / 2);
    return ops.add(half, ops.stopGradient(half));
  }
}

for (const type of [Scaled, Forgetful, BatchWise, HalfSlope]) register(type);

function check(layer: Layer, change: Partial<LayerCase> = {}): () => void {
  const reference = ([x]: Real[]) => (x as Real).map((value) => value * 3);
  return () => checkLayer({ layer, inputs: [floats([2, 4])], reference, ...change });
}

describe('checkLayer', () => {
  it('passes what is right', () => {
    check(new Scaled({ factor: 3 }))();
  });

  it('finds wrong results', () => {
    expect(check(new Scaled({ factor: 3.001 }))).toThrow(/result: element 0/);
    expect(check(new BatchWise({ factor: 3 }))).toThrow(/result: element 0/);
  });

  it('finds wrong gradients', () => {
    expect(check(new HalfSlope({ factor: 3 }))).toThrow(/gradient by input 0: element 0/);
  });

  it('finds options that are not written', () => {
    expect(check(new Forgetful({ factor: 3 }))).toThrow(/to deeply equal/);
  });

  it('finds bad input that is taken, or refused without a reason', () => {
    const shapes = [[null, 5]];
    expect(check(new Scaled({ factor: 3 }), { bad: [[shapes, /rank/]] })).toThrow(/\[null, 5\]/);
  });
});
