import { describe, expect, it } from 'vitest';
import {
  confusionMatrix,
  input,
  layers,
  type Model,
  model,
  ops,
  sequential,
  setSeed,
  type Tensor,
  tensor,
} from '../../lib/index.js';
import { classifier, clusters, failure, numbers } from './small_data.js';

function random(shape: number[], seed = 1): Tensor {
  const next = numbers(seed);
  const size = shape.reduce((product, dim) => product * dim, 1);
  return tensor(Float32Array.from({ length: size }, next), shape);
}

const predict = async (of: Model, x: Tensor) => (await of.predict(x)) as Tensor;

/** Both numbers by number, to a few roundings of float32. */
function expectClose(found: Tensor, expected: Tensor): void {
  expect(found.shape).toEqual(expected.shape);
  found.data.forEach((value, i) => {
    expect(value).toBeCloseTo(expected.data[i] as number, 5);
  });
}

describe('outputs inside a model', () => {
  it('are those of a model that ends there, and the rest makes the whole of them', async () => {
    const whole = classifier();
    const { x } = clusters(20);
    const hidden = model({ inputs: whole.inputs, outputs: whole.getLayer(0).output });
    const rest = model({ inputs: whole.getLayer(1).input, outputs: whole.outputs });
    const activations = await predict(hidden, x);
    expect(activations.shape).toEqual([20, 16]);
    expectClose(await predict(rest, activations), await predict(whole, x));
  });

  it('come together with the output', async () => {
    const whole = classifier();
    const { x } = clusters(5);
    const both = model({
      inputs: whole.inputs,
      outputs: [whole.getLayer(0).output, whole.output].flat(),
    });
    const [hidden, output] = (await both.predict(x)) as [Tensor, Tensor];
    expect(hidden.shape).toEqual([5, 16]);
    expect([...output.data]).toEqual([...(await predict(whole, x)).data]);
  });

  it('share the weights: they follow more training at once', async () => {
    const whole = classifier();
    const { x, y } = clusters(60);
    const hidden = model({ inputs: whole.inputs, outputs: whole.getLayer(0).output });
    const before = await predict(hidden, x);
    await whole.fit(x, y, { epochs: 3, verbose: 0 });
    const after = await predict(hidden, x);
    expect([...after.data]).not.toEqual([...before.data]);
    const [kernel, bias] = whole.getLayer(0).getWeights() as [Tensor, Tensor];
    expectClose(after, ops.relu(ops.add(ops.matmul(x, kernel), bias)));
  });

  it('are there for a sequential model without an input shape once it is built', async () => {
    const whole = sequential([
      layers.dense({ units: 3, name: 'first' }),
      layers.dense({ units: 2 }),
    ]);
    const error = await failure(() => whole.getLayer('first').output);
    expect(error).toMatchObject({ code: 'NOT_BUILT', message: expect.stringContaining('first') });
    await whole.predict(random([2, 4]));
    const hidden = model({ inputs: whole.inputs, outputs: whole.getLayer('first').output });
    expect((await predict(hidden, random([2, 4]))).shape).toEqual([2, 3]);
  });

  it('are found inside a functional model with a branch and a shared layer', async () => {
    const a = input({ shape: [4], name: 'a' });
    const shared = layers.dense({ units: 4, activation: 'tanh', name: 'shared' });
    const once = shared.apply(a);
    const twice = shared.apply(once);
    const whole = model({ inputs: a, outputs: layers.add().apply([once, twice]) });
    const x = random([3, 4]);
    const first = await predict(model({ inputs: whole.inputs, outputs: shared.output }), x);
    const second = await predict(model({ inputs: a, outputs: twice }), x);
    expectClose(await predict(whole, x), ops.add(first, second));
  });

  it('need the output of a layer, not the layer', async () => {
    const whole = classifier();
    const outputs = whole.getLayer(0) as never;
    const error = await failure(() => model({ inputs: whole.inputs, outputs }));
    expect(error.message).toContain(`Of layer '${whole.getLayer(0).name}', take .output`);
    expect(`${whole.getLayer(0).output}`).toBe(
      `SymbolicTensor '${whole.getLayer(0).name}' [null, 16] float32`,
    );
  });
});

describe('a forward pass by hand', () => {
  it('of dense, sigmoid and softmax is what predict gives', async () => {
    setSeed(3);
    const net = sequential([
      layers.dense({
        units: 30,
        activation: 'sigmoid',
        biasInitializer: 'randomNormal',
        inputShape: [784],
      }),
      layers.dense({ units: 10, activation: 'softmax', biasInitializer: 'randomNormal' }),
    ]);
    const x = random([7, 784]);
    const [w1, b1] = net.getLayer(0).getWeights() as [Tensor, Tensor];
    const [w2, b2] = net.getLayer(1).getWeights() as [Tensor, Tensor];
    const hidden = ops.sigmoid(ops.add(ops.matmul(x, w1), b1));
    const output = ops.softmax(ops.add(ops.matmul(hidden, w2), b2));
    const predicted = await predict(net, x);
    expectClose(predicted, output);
    const classes = (await net.predictClasses(x)) as Tensor;
    expect([...classes.data]).toEqual([...ops.argmax(output, -1).data]);
    expectClose(ops.sum(predicted, -1), tensor(new Float32Array(7).fill(1)));
  });

  it('of a convolution and l2 pooling is what predict gives', async () => {
    setSeed(4);
    const net = sequential([
      layers.conv2d({ filters: 20, kernelSize: 5, activation: 'sigmoid', inputShape: [28, 28, 1] }),
      layers.l2Pooling2d({ poolSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 10, activation: 'softmax' }),
    ]);
    const x = random([3, 28, 28, 1]);
    const [filters, biases] = net.getLayer(0).getWeights() as [Tensor, Tensor];
    const [w, b] = net.getLayer(-1).getWeights() as [Tensor, Tensor];
    const maps = ops.sigmoid(ops.add(ops.conv2d(x, filters), biases));
    const windows = maps.reshape([3, 12, 2, 12, 2, 20]);
    const pooled = ops.sqrt(ops.mean(ops.square(windows), [2, 4]));
    const flat = pooled.reshape([3, -1]);
    expectClose(await predict(net, x), ops.softmax(ops.add(ops.matmul(flat, w), b)));
    const inside = model({ inputs: net.inputs, outputs: net.getLayer(1).output });
    expectClose(await predict(inside, x), pooled);
  });
});

describe('what a classifier answers', () => {
  it('probabilities, classes and their confusion fit together', async () => {
    const net = classifier();
    const { x, y } = clusters(90);
    await net.fit(x, y, { epochs: 5, verbose: 0 });
    const probabilities = await predict(net, x);
    const classes = (await net.predictClasses(x)) as Tensor;
    expect([...ops.argmax(probabilities, -1).data]).toEqual([...classes.data]);
    const matrix = confusionMatrix(y, classes);
    const right = [0, 1, 2].reduce((sum, i) => sum + (matrix.data[4 * i] as number), 0);
    expect((await net.evaluate(x, y)).accuracy).toBeCloseTo(right / 90, 6);
  });
});
