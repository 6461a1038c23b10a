import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { floats } from '../support/check_op.js';

const { constraints, initializers, layers, regularizers } = luge;
const folder = mkdtempSync(join(tmpdir(), 'luge-layers-'));
afterAll(() => rmSync(folder, { recursive: true }));

const rules = {
  betaConstraint: constraints.maxNorm({ maxValue: 1 }),
  gammaConstraint: constraints.minMaxNorm({ minValue: 0.5, rate: 0.5 }),
  gammaRegularizer: 'l2',
};
const models: [title: string, shape: number[], layers: () => luge.Layer[]][] = [
  [
    'volumes',
    [5, 6, 4, 2],
    () => [
      layers.conv3d({ filters: 4, kernelSize: [2, 3, 1], padding: 'same', groups: 2 }),
      layers.zeroPadding3d({ padding: [0, 1, [1, 0]] }),
      layers.maxPooling3d({ strides: 1 }),
      layers.conv3dTranspose({ filters: 3, kernelSize: 3, strides: 2, outputPadding: [1, 0, 1] }),
      layers.spatialDropout3d({ rate: 0.25 }),
      layers.averagePooling3d({ poolSize: [1, 2, 2], padding: 'same' }),
      layers.upSampling3d({ size: [2, 1, 1] }),
      layers.cropping3d(),
      layers.globalAveragePooling3d({ keepdims: true }),
      layers.globalMaxPooling3d(),
    ],
  ],
  [
    'sequences',
    [9, 3],
    () => [
      layers.zeroPadding1d({ padding: [2, 0] }),
      layers.conv1d({ filters: 3, kernelSize: 2, padding: 'causal', kernelConstraint: 'unitNorm' }),
      layers.spatialDropout1d({ rate: 0.25 }),
      layers.layerNormalization(rules),
      layers.dense({
        units: 2,
        kernelInitializer: initializers.identity({ gain: 2 }),
        kernelRegularizer: regularizers.orthogonalRegularizer({ factor: 0.5, mode: 'columns' }),
        activityRegularizer: 'l1',
      }),
      layers.activityRegularization({ l1: 0.5, l2: 0.25 }),
    ],
  ],
  [
    'images',
    [6, 5, 4],
    () => [
      layers.depthwiseConv2d({
        kernelSize: 2,
        depthwiseConstraint: constraints.unitNorm({ axis: [0, 1] }),
        biasConstraint: 'nonNeg',
      }),
      layers.groupNormalization({ groups: 2, ...rules }),
      layers.separableConv2d({
        filters: 3,
        kernelSize: 2,
        depthwiseConstraint: 'maxNorm',
        pointwiseConstraint: 'nonNeg',
        pointwiseInitializer: initializers.heNormal({ inputAxes: [2], outputAxes: [3] }),
      }),
      layers.batchNormalization(rules),
      layers.spatialDropout2d({ rate: 0.25, seed: 3 }),
      layers.globalMaxPooling2d(),
    ],
  ],
];

it.each(models)('layers of %s come out of a file as they went in', async (title, shape, make) => {
  const model = luge.sequential([luge.input({ shape }), ...make()]);
  model.compile({ optimizer: 'adam', loss: 'mse' });
  const x = floats([4, ...shape]);
  const [output] = model.outputs as [luge.SymbolicTensor];
  const y = floats([4, ...(output.shape.slice(1) as number[])], { seed: 2 });
  await model.fit(x, y, { verbose: 0, epochs: 2 });
  const path = join(folder, `${title}.h5`);
  await model.save(path);
  const loaded = await luge.loadModel(path);
  expect(loaded.toJSON()).toEqual(model.toJSON());
  expect(await loaded.predict(x)).toEqual(await model.predict(x));
  expect(await loaded.evaluate(x, y)).toEqual(await model.evaluate(x, y));
});
