import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';

type Make = (options?: unknown) => luge.Layer;
type Draw = () => luge.SymbolicTensor | luge.SymbolicTensor[];

const { layers, input } = luge;
const vector = () => input({ shape: [4] });
const sequence = () => input({ shape: [8, 4] });
const image = () => input({ shape: [8, 8, 4] });
const volume = () => input({ shape: [8, 8, 8, 4] });
const twice = (draw: () => luge.SymbolicTensor) => () => [draw(), draw()];

const filters = { filters: 2, kernelSize: 2 };
const rate = { rate: 0.5 };
const recurrent = [{ units: 2 }, sequence] as const;

/** Options that a layer cannot do without, and its input. */
const right: Record<string, readonly [options: object, input: Draw]> = {
  activation: [{ activation: 'relu' }, vector],
  activityRegularization: [{}, vector],
  add: [{}, twice(vector)],
  additiveAttention: [{}, twice(sequence)],
  alphaDropout: [rate, vector],
  attention: [{}, twice(sequence)],
  average: [{}, twice(vector)],
  averagePooling1d: [{}, sequence],
  averagePooling2d: [{}, image],
  averagePooling3d: [{}, volume],
  batchNormalization: [{}, vector],
  bidirectional: [{ layer: layers.gru({ units: 2 }) }, sequence],
  concatenate: [{}, twice(vector)],
  conv1d: [filters, sequence],
  conv1dTranspose: [filters, sequence],
  conv2d: [filters, image],
  conv2dTranspose: [filters, image],
  conv3d: [filters, volume],
  conv3dTranspose: [filters, volume],
  cropping1d: [{}, sequence],
  cropping2d: [{}, image],
  cropping3d: [{}, volume],
  dense: [{ units: 2 }, vector],
  depthwiseConv1d: [{ kernelSize: 2 }, sequence],
  depthwiseConv2d: [{ kernelSize: 2 }, image],
  dot: [{ axes: 1 }, twice(vector)],
  dropout: [rate, vector],
  elu: [{}, vector],
  embedding: [{ inputDim: 3, outputDim: 2 }, vector],
  flatten: [{}, image],
  gaussianDropout: [rate, vector],
  gaussianNoise: [{ stddev: 1 }, vector],
  globalAveragePooling1d: [{}, sequence],
  globalAveragePooling2d: [{}, image],
  globalAveragePooling3d: [{}, volume],
  globalMaxPooling1d: [{}, sequence],
  globalMaxPooling2d: [{}, image],
  globalMaxPooling3d: [{}, volume],
  groupNormalization: [{ groups: 2 }, image],
  gru: recurrent,
  inputLayer: [{ shape: [4] }, vector],
  l2Pooling2d: [{}, image],
  lambda: [{ function: (x: luge.Value) => x }, vector],
  layerNormalization: [{}, vector],
  leakyReLU: [{}, vector],
  lstm: recurrent,
  masking: [{}, sequence],
  maxPooling1d: [{}, sequence],
  maxPooling2d: [{}, image],
  maxPooling3d: [{}, volume],
  maximum: [{}, twice(vector)],
  minimum: [{}, twice(vector)],
  multiHeadAttention: [{ numHeads: 2, keyDim: 2 }, twice(sequence)],
  multiply: [{}, twice(vector)],
  permute: [{ dims: [2, 1] }, sequence],
  prelu: [{}, vector],
  randomBrightness: [{ factor: 0.1 }, image],
  randomContrast: [{ factor: 0.1 }, image],
  randomFlip: [{}, image],
  randomRotation: [{ factor: 0.1 }, image],
  randomShear: [{}, image],
  randomTranslation: [{ heightFactor: 0.1, widthFactor: 0.1 }, image],
  randomZoom: [{ heightFactor: 0.1 }, image],
  reLU: [{}, vector],
  repeatVector: [{ n: 2 }, vector],
  rescaling: [{ scale: 2 }, vector],
  reshape: [{ targetShape: [2, 2] }, vector],
  rmsNormalization: [{}, vector],
  separableConv1d: [filters, sequence],
  separableConv2d: [filters, image],
  simpleRNN: recurrent,
  softmax: [{}, vector],
  spatialDropout1d: [rate, sequence],
  spatialDropout2d: [rate, image],
  spatialDropout3d: [rate, volume],
  subtract: [{}, twice(vector)],
  timeDistributed: [{ layer: layers.dense({ units: 2 }) }, sequence],
  unitNormalization: [{}, vector],
  upSampling1d: [{}, sequence],
  upSampling2d: [{}, image],
  upSampling3d: [{}, volume],
  zeroPadding1d: [{}, sequence],
  zeroPadding2d: [{}, image],
  zeroPadding3d: [{}, volume],
};

/** Options that may be any number. */
const anyNumber = ['fillValue', 'maskValue', 'offset', 'scale'];
const others = ['InputLayer', 'Layer', 'get', 'input', 'isRegistered', 'register'];
const make = (name: string) => (layers as unknown as Record<string, Make>)[name] as Make;

/** Makes the layer and applies it, since some things can only be told with an input. */
function use(name: string, options: unknown): void {
  const layer = make(name)(options);
  if (name !== 'inputLayer') layer.apply(right[name]?.[1]() as luge.SymbolicTensor);
}

/** All options that its settings show, and those of every layer; null means the default, as in Keras. */
function optionsOf(name: string): [option: string, now: unknown][] {
  const given = right[name]?.[0] as object;
  const shown = Object.entries(make(name)(given).getConfig()).map(
    ([key, now]) => [key.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase()), now] as const,
  );
  const common = { trainable: true, inputShape: [4], batchInputShape: [null, 4] };
  // What an input layer's own options say goes first; it has nothing to train.
  const all = { ...(name === 'inputLayer' ? {} : common), ...Object.fromEntries(shown), ...given };
  return Object.entries(all).filter(([option]) => option !== 'name');
}

describe('options of the wrong kind', () => {
  it('every layer is looked at', () => {
    const functions = Object.keys(layers).filter((name) => !others.includes(name));
    expect(Object.keys(right).sort()).toEqual(functions.sort());
  });

  it.each(Object.keys(right))('layers.%s takes one object', (name) => {
    use(name, right[name]?.[0]);
    for (const wrong of [3, 'x', null, [3], true, () => 1]) {
      expect(() => make(name)(wrong), `${wrong}`).toThrow(
        /takes one object of options, such as \{/,
      );
    }
    const wrong = { ...right[name]?.[0], nonsense: 1 };
    expect(() => make(name)(wrong)).toThrow(/Unknown \w+ option 'nonsense'\. Known: \w+/);
  });

  it.each(Object.keys(right))('layers.%s refuses what its options cannot be', (name) => {
    for (const [option, now] of optionsOf(name)) {
      const wrong: unknown[] = ['x', { nonsense: 1 }, ['x']];
      if (typeof now !== 'boolean') wrong.push(true);
      if (typeof now === 'boolean' || !anyNumber.includes(option)) wrong.push(-1.5);
      for (const value of wrong) {
        const what = `${option}: ${JSON.stringify(value)}`;
        expect(errorOf(name, { ...right[name]?.[0], [option]: value }), what).toBeInstanceOf(
          luge.LugeError,
        );
      }
    }
  });

  it('names the layer, the option and what it takes', () => {
    expect(() => layers.dense({ units: 2, useBias: 'no' as never, name: 'out' })).toThrow(
      `Layer 'out' (Dense): useBias must be true or false, but got "no".`,
    );
    expect(() => layers.dense({ units: 2, inputShape: 784 as never, name: 'first' })).toThrow(
      `Layer 'first' (Dense): inputShape must list whole numbers of at least 1, or null where a size is ` +
        'not known, such as [28, 28, 1], but got 784.',
    );
  });
});

function errorOf(name: string, options: object): unknown {
  try {
    use(name, options);
  } catch (error) {
    return error;
  }
  return undefined;
}
