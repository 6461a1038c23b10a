import { describe, expect, it } from 'vitest';
import { tensor } from '../../lib/core/tensor.js';
import type { Value } from '../../lib/graph/ir.js';
import {
  activityRegularization,
  dense,
  get,
  input,
  Layer,
  lambda,
} from '../../lib/layers/index.js';
import { model, sequential } from '../../lib/models/index.js';
import * as ops from '../../lib/ops/index.js';
import { sgd } from '../../lib/optimizers/index.js';
import { l1, l2 } from '../../lib/regularizers/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';

const x = tensor([
  [1, -2],
  [3, 4],
]);
const y = tensor([[0], [0]]);

/** y = x w, for a w of ones, so that the outputs are -1 and 7. */
function summing(options: object = {}) {
  const kernel = { useBias: false, kernelInitializer: 'ones' } as const;
  return dense({ units: 1, inputShape: [2], ...kernel, ...options });
}

describe('activityRegularizer', () => {
  it('adds the penalty of the outputs to the loss, divided by the batch size', async () => {
    const layer = summing({ activityRegularizer: l2(0.5) });
    const one = sequential([layer]);
    one.compile({ optimizer: sgd({ learningRate: 1 / 64 }), loss: 'meanSquaredError' });
    // Mean square and half a mean square: 25 + 12.5, of which the gradient by w is 3 x'y / 2.
    expect(await one.evaluate(x, y)).toEqual({ loss: 37.5 });
    expect(await one.trainOnBatch(x, y)).toEqual({ loss: 37.5 });
    const expected = [1 - (1.5 * (-1 + 21)) / 64, 1 - (1.5 * (2 + 28)) / 64];
    expect(layer.getWeights()[0]?.data).toEqual(Float32Array.from(expected));
  });

  it('counts once for each use of a shared layer, and in nested models', async () => {
    const shared = summing({ activityRegularizer: (z: Value) => ops.sum(z) });
    const [a, b] = [input({ shape: [2] }), input({ shape: [2] })];
    const inner = model({ inputs: [a, b], outputs: [shared.apply(a), shared.apply(b)] });
    const [c, d] = [input({ shape: [2] }), input({ shape: [2] })];
    const outputs = inner.apply([c, d]) as never as (typeof a)[];
    const outer = model({ inputs: [c, d], outputs });
    outer.compile({ loss: 'meanAbsoluteError' });
    const { loss } = await outer.evaluate([x, x], [y, y]);
    expect(loss).toBe(4 + 4 + 3 + 3);
  });

  it('is written to configurations, where there is one', () => {
    const config = JSON.parse(
      JSON.stringify(summing({ activityRegularizer: l1(0.5) }).getConfig()),
    );
    expect(config.activity_regularizer).toEqual({ class_name: 'L1', config: { l1: 0.5 } });
    expect(get({ class_name: 'Dense', config }).getConfig()).toEqual(config);
    expect(summing().getConfig()).not.toHaveProperty('activity_regularizer');
  });

  it('refuses what makes no sense', () => {
    expect(() => summing({ name: 'd', activityRegularizer: 'l3' })).toThrow(
      "Layer 'd' (Dense): Unknown regularizer 'l3'",
    );
  });
});

describe('activityRegularization', () => {
  it('gives its input back', () => {
    checkLayer({
      layer: activityRegularization({ l1: 0.25, l2: 0.5 }),
      inputs: [floats([3, 4])],
      reference: ([x]) => x as never,
      length: 1,
    });
  });

  it('adds the size of its input to the loss', async () => {
    const one = sequential([summing(), activityRegularization({ l1: 0.25, l2: 0.5 })]);
    one.compile({ loss: 'meanSquaredError' });
    expect(await one.evaluate(x, y)).toEqual({ loss: 25 + 0.25 * 4 + 0.5 * 25 });
  });

  it('refuses what makes no sense', () => {
    expect(() => activityRegularization({ l1: -1 })).toThrow(/l1 must be a finite number/);
    expect(() => activityRegularization({ l3: 1 } as never)).toThrow("Did you mean 'l1'?");
  });
});

describe('addLoss', () => {
  class Pulling extends Layer {
    override call(inputs: Value): Value {
      this.addLoss(ops.mean(ops.square(inputs)));
      return inputs;
    }
  }

  it("adds a number of a layer of one's own to the loss", async () => {
    const one = sequential([summing(), new Pulling()]);
    one.compile({ loss: 'meanSquaredError' });
    expect(await one.evaluate(x, y)).toEqual({ loss: 50 });
  });

  it('takes a single number', () => {
    class Wrong extends Pulling {
      override call(inputs: Value): Value {
        this.addLoss(inputs);
        return inputs;
      }
    }
    const layer = new Wrong({ name: 'w' });
    expect(() => layer.apply(input({ shape: [2] }))).toThrow(
      "Layer 'w' (Wrong): addLoss takes a single number, such as ops.mean(ops.square(y)), but got",
    );
    expect(() => lambda({ function: (z) => z }).addLoss(3 as never)).toThrow(/but got number/);
  });
});
