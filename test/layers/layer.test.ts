import { describe, expect, it } from 'vitest';
import { snakeCase } from '../../lib/core/names.js';
import type { PartialShape } from '../../lib/core/shape.js';
import { tensor } from '../../lib/core/tensor.js';
import type { Variable } from '../../lib/core/variable.js';
import { Graph, type Value } from '../../lib/graph/ir.js';
import { dense, get, input, Layer, register } from '../../lib/layers/index.js';
import { withGraph } from '../../lib/ops/define.js';
import * as ops from '../../lib/ops/index.js';
import '../../lib/runtime/evaluate.js';

/** gain * x, with an inner dense layer behind. */
class Gain extends Layer {
  private gain!: Variable;
  private readonly inner = dense({ units: 2, kernelRegularizer: 'l2' });

  override build(shape: PartialShape): void {
    this.gain = this.addWeight({
      name: 'gain',
      shape: [shape.at(-1) as number],
      initializer: 'ones',
      regularizer: 'l1',
    });
  }

  override call(x: Value): Value {
    return this.inner.apply(ops.multiply(x, this.gain));
  }
}

describe("a layer of one's own", () => {
  it('owns the weights of its inner layers', () => {
    const layer = new Gain();
    const y = layer.apply(input({ shape: [3] }));
    expect(y.shape).toEqual([null, 2]);
    expect(layer.weights.map(({ shape }) => shape)).toEqual([[3], [3, 2], [2]]);
    expect(layer.countParams()).toBe(11);
    const values = [
      tensor([1, 2, 3]),
      tensor([
        [1, 2],
        [3, 4],
        [5, 6],
      ]),
      tensor([7, 8]),
    ];
    layer.setWeights(values);
    expect(layer.getWeights()).toEqual(values);
  });

  it('names the inner layer after itself in the graph', () => {
    const layer = new Gain({ name: 'outer' });
    const graph = new Graph();
    const [y] = layer.invoke([graph.feed({ shape: [4, 3], dtype: 'float32' })], { training: true });
    expect(y?.node.scope).toMatch(/^outer\/dense/);
  });

  it('can be frozen, inner layers too', () => {
    const layer = new Gain();
    layer.apply(input({ shape: [3] }));
    expect(layer.trainableWeights).toHaveLength(3);
    layer.trainable = false;
    expect(layer.trainableWeights).toEqual([]);
    expect(layer.nonTrainableWeights).toHaveLength(3);
  });

  it('adds the penalties of weights that are trained', () => {
    const layer = new Gain();
    layer.apply(input({ shape: [3] }));
    const penalties = () => withGraph(new Graph(), () => layer.regularizationLosses());
    expect(penalties().map(({ shape }) => shape)).toEqual([[], []]);
    layer.trainable = false;
    expect(penalties()).toEqual([]);
  });

  it('is read from configurations once it is registered', () => {
    expect(() => get({ class_name: 'Gain' })).toThrow("Unknown layer 'Gain'");
    register(Gain);
    expect(get({ class_name: 'Gain', config: { name: 'mine' } })).toMatchObject({ name: 'mine' });
  });

  it('must answer with values', () => {
    class Broken extends Layer {
      override call(): Value {
        return 3 as never;
      }
    }
    expect(() => new Broken({ name: 'b' }).apply(input({ shape: [2] }))).toThrow(
      "Layer 'b' (Broken): call must answer with values",
    );
  });

  it('gives its name to the errors of operations', () => {
    class Wrong extends Layer {
      override call(x: Value): Value {
        return ops.matmul(x, x);
      }
    }
    expect(() => new Wrong({ name: 'w' }).apply(input({ shape: [2] }))).toThrow(
      /^Layer 'w' \(Wrong\): ops.matmul: inner sizes differ/,
    );
  });
});

describe('layers', () => {
  it('are counted in their names', () => {
    const [first, second] = [dense({ units: 1 }), dense({ units: 1 })].map(({ name }) =>
      Number(/^dense(?:_(\d+))?$/.exec(name)?.[1] ?? 0),
    ) as [number, number];
    expect(second).toBe(first + 1);
    expect(['Conv2D', 'MaxPooling2D', 'BatchNormalization', 'L2Pooling2D'].map(snakeCase)).toEqual([
      'conv2d',
      'max_pooling2d',
      'batch_normalization',
      'l2_pooling2d',
    ]);
  });

  it('know their first input and output', () => {
    const layer = dense({ units: 2, name: 'head' });
    expect(() => layer.output).toThrow(/Layer 'head' \(Dense\): it has no input or output yet/);
    const x = input({ shape: [3] });
    const y = layer.apply(x);
    layer.apply(input({ shape: [3] }));
    expect(layer.input).toBe(x);
    expect(layer.output).toBe(y);
    expect(y.call?.layer).toBe(layer);
  });

  it('have no weights before they are built', () => {
    const layer = dense({ units: 2, name: 'early' });
    expect(() => layer.countParams()).toThrow("Layer 'early' (Dense): it has no weights yet");
    expect(() => layer.getWeights()).toThrow(/no weights yet/);
  });

  it('take all new weights or none', () => {
    const layer = dense({ units: 2, name: 'whole' });
    layer.apply(input({ shape: [3] }));
    const before = layer.getWeights();
    const kernel = tensor(new Float32Array(6), [3, 2]);
    expect(() => layer.setWeights([kernel])).toThrow(/expected 2 weights, but got 1/);
    expect(() => layer.setWeights([kernel, tensor([1, 2, 3])])).toThrow(
      /weight 1 \(whole\/bias\) is float32 \[2\], but the value given is float32 \[3\]/,
    );
    expect(() => layer.setWeights([kernel, tensor(new Int32Array(2))])).toThrow(/int32 \[2\]/);
    expect(layer.getWeights()).toEqual(before);
  });

  it('refuse options that make no sense', () => {
    const make = (options: object) => () => dense({ units: 2, ...options } as never);
    expect(make({ name: 'a/b' })).toThrow(
      'Dense: name must be a text without \'/\', but got "a/b".',
    );
    expect(make({ name: 5 })).toThrow(/name must be a text/);
    expect(make({ dtype: 'float64' })).toThrow(/dtype must be one of float32, int32, uint8/);
  });

  it('apply to symbolic tensors only', () => {
    expect(() => dense({ units: 2 }).apply(tensor([1]) as never)).toThrow(
      /takes a symbolic tensor/,
    );
    expect(() => dense({ units: 2 }).apply([])).toThrow(/takes a symbolic tensor/);
  });

  it('read what Keras writes', () => {
    const layer = get({
      class_name: 'Dense',
      config: {
        name: 'dense_7',
        trainable: false,
        dtype: { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' } },
        units: 3,
        activation: 'log_softmax',
        use_bias: true,
        kernel_initializer: {
          module: 'keras.initializers',
          class_name: 'GlorotUniform',
          config: { seed: null },
        },
        bias_initializer: { class_name: 'Zeros', config: {} },
        kernel_regularizer: { class_name: 'L2', config: { l2: 0.5 } },
        bias_regularizer: null,
        kernel_constraint: null,
      },
    });
    expect(layer.getConfig()).toMatchObject({
      name: 'dense_7',
      trainable: false,
      units: 3,
      activation: 'log_softmax',
      kernel_regularizer: { class_name: 'L2', config: { l2: 0.5 } },
    });
  });
});
