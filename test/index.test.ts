import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as luge from '../lib/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Public names by namespace; a name may be added, but none goes without a new major version. */
const names = {
  '': [
    ...['tensor', 'Tensor', 'setSeed', 'setThreads', 'threads', 'version', 'backendInfo'],
    'setWinograd',
    'findLearningRate',
    ...['tune', 'TuneResult'],
    ...['toCategorical', 'confusionMatrix', 'sequential', 'Sequential', 'input', 'model', 'Model'],
    ...[
      'loadModel',
      'modelFromJSON',
      'Layer',
      'Callback',
      'History',
      'LugeError',
      'Variable',
      'SymbolicTensor',
    ],
  ],
  datasets: ['mnist', 'fashionMnist', 'fashionMnistLabels'],
  layers: [
    ...['Layer', 'dense', 'conv2d', 'maxPooling2d', 'averagePooling2d', 'l2Pooling2d', 'flatten'],
    ...['reshape', 'dropout', 'activation', 'batchNormalization', 'rescaling', 'add', 'input'],
    ...['globalAveragePooling2d', 'concatenate', 'zeroPadding1d', 'conv3d', 'conv3dTranspose'],
    ...['maxPooling3d', 'averagePooling3d', 'globalMaxPooling3d', 'globalAveragePooling3d'],
    ...['zeroPadding3d', 'cropping3d', 'upSampling3d', 'activityRegularization'],
  ],
  initializers: [
    ...['zeros', 'ones', 'constant', 'randomUniform', 'randomNormal', 'truncatedNormal'],
    ...['glorotUniform', 'glorotNormal', 'heUniform', 'heNormal', 'lecunUniform', 'lecunNormal'],
    ...['varianceScaling', 'orthogonal', 'identity'],
  ],
  regularizers: ['l1', 'l2', 'l1l2', 'orthogonalRegularizer'],
  optimizers: ['sgd', 'adagrad', 'rmsprop', 'adadelta', 'adam'],
  losses: [
    ...['categoricalCrossentropy', 'sparseCategoricalCrossentropy', 'binaryCrossentropy'],
    ...['meanSquaredError', 'meanAbsoluteError', 'meanAbsolutePercentageError'],
    ...['meanSquaredLogarithmicError', 'huber', 'logCosh', 'poisson', 'klDivergence'],
    ...['hinge', 'squaredHinge', 'categoricalHinge', 'cosineSimilarity'],
    ...['categoricalFocalCrossentropy', 'binaryFocalCrossentropy', 'fromFunction'],
  ],
  metrics: [
    ...['accuracy', 'binaryAccuracy', 'categoricalAccuracy', 'sparseCategoricalAccuracy'],
    ...['meanSquaredError', 'meanAbsoluteError', 'confusionMatrix', 'huber', 'logCosh', 'poisson'],
    ...['topKCategoricalAccuracy', 'sparseTopKCategoricalAccuracy', 'precision', 'recall', 'auc'],
    ...['truePositives', 'falsePositives', 'trueNegatives', 'falseNegatives', 'f1Score'],
    ...['fBetaScore', 'rootMeanSquaredError', 'cosineSimilarity', 'r2Score', 'meanIoU'],
    ...['pearsonCorrelation', 'fromMeans', 'fromFunction'],
  ],
  callbacks: [
    ...['Callback', 'lambdaCallback', 'terminateOnNaN', 'earlyStopping', 'modelCheckpoint'],
    ...[
      'reduceLROnPlateau',
      'learningRateScheduler',
      'csvLogger',
      'tensorBoard',
      'backupAndRestore',
    ],
  ],
  plots: [
    ...['Picture', 'history', 'confusionMatrix', 'confusionMatrixText'],
    ...['lines', 'images', 'misclassified', 'featureMaps', 'filters'],
    ...['network', 'weightHistogram'],
  ],
  ops: [
    ...['add', 'subtract', 'multiply', 'divide', 'matmul', 'conv2d', 'maxPool2d', 'softmax'],
    ...['sum', 'mean', 'reshape', 'transpose', 'concat', 'where', 'dropout', 'randomNormal'],
  ],
};

describe('the package', () => {
  it.each(Object.entries(names))('has the names of luge.%s', (space, expected) => {
    const found = space === '' ? luge : Object.entries(luge).find(([name]) => name === space)?.[1];
    expect(Object.keys(found ?? {})).toEqual(expect.arrayContaining(expected));
  });

  it('is of the version that package.json says', () => {
    const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
    expect(luge.version).toBe(version);
  });

  it.skipIf(!existsSync(`${root}dist/index.js`))('takes 150 ms of work at most to import', () => {
    const script = `
      const began = process.cpuUsage();
      await import('./dist/index.js');
      const { user, system } = process.cpuUsage(began);
      console.log((user + system) / 1000);`;
    const run = () =>
      Number(
        execFileSync(process.execPath, ['--input-type=module', '-e', script], {
          cwd: root,
          encoding: 'utf8',
        }),
      );
    // The machine may be busy with other tests, which slows caches down, too: the best of some runs.
    expect(Math.min(...Array.from({ length: 7 }, run))).toBeLessThan(150);
  });
});
