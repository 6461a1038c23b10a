import { beforeEach, describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { classifier, clusters, failure, weightsOf } from './small_data.js';

const { layers } = luge;
const { x, y } = clusters(20);
const quiet = { verbose: 0 } as const;

beforeEach(() => luge.setSeed(7));

/** What is wrong, how fit is called with it, and what the error says. */
const fits: [string, (model: luge.Sequential) => unknown, string, RegExp][] = [
  [
    'a wrong shape',
    (m) => m.fit(luge.tensor(new Float32Array(60), [20, 3]), y, quiet),
    'BAD_SHAPE',
    /^fit: x: input '.*' expects data of shape \[null, 2\], but got \[20, 3\]\.$/,
  ],
  [
    'a wrong rank',
    (m) => m.fit(luge.tensor(new Float32Array(40), [20, 2, 1]), y, quiet),
    'BAD_SHAPE',
    /expects data of shape \[null, 2\], but got \[20, 2, 1\]\. It has as many numbers: x\.reshape\(\[-1, 2\]\)/,
  ],
  [
    'a flat array',
    (m) => m.fit(x.data, y, quiet),
    'BAD_SHAPE',
    /expects data of shape \[null, 2\], but got \[40\]\. .*x\.reshape\(\[-1, 2\]\)/,
  ],
  [
    'a single sample',
    (m) => m.fit([1, 2], [0], quiet),
    'BAD_SHAPE',
    /but got \[2\]\. For a single sample, add the batch axis: x\.reshape\(\[1, 2\]\)/,
  ],
  [
    'fewer labels than samples',
    (m) => m.fit(x, y.rows(0, 19), quiet),
    'BAD_SHAPE',
    /^fit: all of the data must have as many samples, but x has 20 \(\[20, 2\]\) and y has 19 \(\[19\]\)/,
  ],
  [
    'labels of a wrong shape',
    (m) => m.fit(x, luge.tensor(new Int32Array(40), [20, 2]), quiet),
    'BAD_SHAPE',
    /sparse_?categorical_?crossentropy/i,
  ],
  [
    'no samples',
    (m) => m.fit(x.rows(0, 0), y.rows(0, 0), quiet),
    'BAD_DATA',
    /x of shape \[0, 2\] has no samples/,
  ],
  ['no data', (m) => m.fit([], [], quiet), 'BAD_SHAPE', /but got \[0\]/],
  [
    'missing labels',
    (m) => m.fit(x, undefined as never, quiet),
    'BAD_ARGUMENT',
    /^fit: y is missing/,
  ],
  [
    'missing samples',
    (m) => m.fit(undefined as never, y, quiet),
    'BAD_ARGUMENT',
    /^fit: x is missing/,
  ],
  [
    'ragged arrays',
    (m) => m.fit([[1, 2], [3]], [0, 1], quiet),
    'BAD_SHAPE',
    /^fit: x: The nested arrays are ragged/,
  ],
  [
    'text',
    (m) => m.fit('data' as never, y, quiet),
    'BAD_DATA',
    /^fit: x: expected a tensor .* but got the text 'data'/,
  ],
  [
    'text inside',
    (m) => m.fit([['a', 'b']] as never, [0], quiet),
    'BAD_DATA',
    /the data holds a string/,
  ],
  [
    'big integers',
    (m) => m.fit(new BigInt64Array(2) as never, y, quiet),
    'BAD_DTYPE',
    /but got BigInt64Array/,
  ],
  [
    'an unknown input',
    (m) => m.fit({ image: x }, y, quiet),
    'UNKNOWN_NAME',
    /Unknown input 'image'/,
  ],
  [
    'a label too large',
    (m) => m.fit(x, [...y.data].with(7, 3), quiet),
    'BAD_DATA',
    /^fit: y: labels must be whole numbers in \[0, 2\], as the output of shape \[null, 3\] has 3 classes, but label 7 is 3\.$/,
  ],
  [
    'a negative label',
    (m) => m.fit(x, [...y.data].with(0, -1), quiet),
    'BAD_DATA',
    /label 0 is -1/,
  ],
  ['half a label', (m) => m.fit(x, [...y.data].with(2, 0.5), quiet), 'BAD_DATA', /label 2 is 0\.5/],
  [
    'a NaN label',
    (m) => m.fit(x, [...y.data].with(2, Number.NaN), quiet),
    'BAD_DATA',
    /label 2 is NaN/,
  ],
  [
    'batchSize 0',
    (m) => m.fit(x, y, { ...quiet, batchSize: 0 }),
    'BAD_ARGUMENT',
    /^fit: batchSize must be a whole number of at least 1, but got 0/,
  ],
  [
    'a negative batchSize',
    (m) => m.fit(x, y, { ...quiet, batchSize: -4 }),
    'BAD_ARGUMENT',
    /batchSize .* got -4/,
  ],
  [
    'a batchSize of NaN',
    (m) => m.fit(x, y, { ...quiet, batchSize: Number.NaN }),
    'BAD_ARGUMENT',
    /batchSize .* got NaN/,
  ],
  [
    'half an epoch',
    (m) => m.fit(x, y, { ...quiet, epochs: 0.5 }),
    'BAD_ARGUMENT',
    /^fit: epochs .* got 0\.5/,
  ],
  [
    'endless epochs',
    (m) => m.fit(x, y, { ...quiet, epochs: Infinity }),
    'BAD_ARGUMENT',
    /epochs .* got Infinity/,
  ],
  [
    'a negative initialEpoch',
    (m) => m.fit(x, y, { ...quiet, initialEpoch: -1 }),
    'BAD_ARGUMENT',
    /initialEpoch/,
  ],
  [
    'all for validation',
    (m) => m.fit(x, y, { ...quiet, validationSplit: 1 }),
    'BAD_ARGUMENT',
    /validationSplit must be in \[0, 1\)/,
  ],
  [
    'nothing left for validation',
    (m) => m.fit(x.rows(0, 1), y.rows(0, 1), { ...quiet, validationSplit: 0.5 }),
    'BAD_ARGUMENT',
    /validationSplit 0\.5 of 1 samples leaves 0 to train with and 1 to validate on/,
  ],
  [
    'validation data of a wrong shape',
    (m) => m.fit(x, y, { ...quiet, validationData: [luge.tensor([[1, 2, 3]]), [0]] }),
    'BAD_SHAPE',
    /^fit: validationData: x: input .* but got \[1, 3\]/,
  ],
  [
    'validation data of one part',
    (m) => m.fit(x, y, { ...quiet, validationData: [x] as never }),
    'BAD_ARGUMENT',
    /must be \{ x, y \}, \[x, y\]/,
  ],
  [
    'too few sample weights',
    (m) => m.fit(x, y, { ...quiet, sampleWeight: [1, 2] }),
    'BAD_SHAPE',
    /a weight for each of the 20 samples, of shape \[20\], but got \[2\]/,
  ],
  [
    'a negative sample weight',
    (m) => m.fit(x, y, { ...quiet, sampleWeight: Array(20).fill(-1) }),
    'BAD_DATA',
    /weight 0 is -1/,
  ],
  [
    'a negative class weight',
    (m) => m.fit(x, y, { ...quiet, classWeight: { 1: -2 } }),
    'BAD_ARGUMENT',
    /classWeight .* \{ 1: -2 \}/,
  ],
  [
    'an unknown option',
    (m) => m.fit(x, y, { ...quiet, batchsize: 2 } as never),
    'UNKNOWN_NAME',
    /Unknown fit option 'batchsize'\. Did you mean 'batchSize'\?/,
  ],
  [
    'another verbose',
    (m) => m.fit(x, y, { verbose: 3 as never }),
    'BAD_ARGUMENT',
    /verbose must be 'auto', 0, 1 or 2, but got 3/,
  ],
  [
    'a controller as signal',
    (m) => m.fit(x, y, { ...quiet, signal: new AbortController() as never }),
    'BAD_ARGUMENT',
    /signal must be an AbortSignal/,
  ],
  [
    'an unknown onNaN',
    (m) => m.fit(x, y, { ...quiet, onNaN: 'stopp' as never }),
    'UNKNOWN_NAME',
    /Did you mean 'stop'/,
  ],
  [
    'steps of arrays',
    (m) => m.fit(x, y, { ...quiet, stepsPerEpoch: 2 }),
    'BAD_ARGUMENT',
    /stepsPerEpoch is for data sets/,
  ],
  [
    'a callback that is none',
    (m) => m.fit(x, y, { ...quiet, callbacks: [7 as never] }),
    'BAD_ARGUMENT',
    /A callback must be .* but got 7/,
  ],
  [
    'an unknown hook',
    (m) => m.fit(x, y, { ...quiet, callbacks: { onEpochStop() {} } as never }),
    'UNKNOWN_NAME',
    /onEpochStop/,
  ],
];

describe('fit refuses', () => {
  it.each(fits)('%s', async (_, run, code, message) => {
    const model = classifier();
    const before = weightsOf(model);
    const error = await failure(() => run(model));
    expect(error.message).toMatch(message);
    expect(error).toBeInstanceOf(luge.LugeError);
    expect(error.code).toBe(code);
    expect(weightsOf(model)).toEqual(before);
    expect(model.optimizer.iterations).toBe(0);
    // It can still be trained.
    expect((await model.fit(x, y, quiet)).epoch).toEqual([0]);
  });

  it('a batch of a data set that does not fit', async () => {
    const model = classifier();
    const wrong = {
      async *[Symbol.asyncIterator]() {
        yield { x: [[1, 2, 3]], y: [0] };
      },
    };
    expect((await failure(() => model.fit(wrong, quiet))).message).toMatch(/but got \[1, 3\]/);
    const none = {
      async *[Symbol.asyncIterator]() {
        yield 5 as never;
      },
    };
    expect((await failure(() => model.fit(none, quiet))).message).toMatch(
      /gives batches \{ x, y \}, but this one gave number 5/,
    );
  });

  it('several inputs that are not told apart', async () => {
    const [a, b] = [luge.input({ shape: [2], name: 'a' }), luge.input({ shape: [2], name: 'b' })];
    const model = luge.model({ inputs: [a, b], outputs: layers.add().apply([a, b]) });
    model.compile({ optimizer: 'sgd', loss: 'mse' });
    const error = await failure(() => model.fit(x, x, quiet));
    expect(error.message).toMatch(
      /the model has 2 inputs \(a, b\), so a list of as many or a record/,
    );
    const missing = await failure(() => model.fit({ a: x }, x, quiet));
    expect(missing.message).toMatch(/nothing is given for input 'b'/);
  });
});

describe('compile refuses', () => {
  const compiles: [string, luge.CompileOptions, RegExp][] = [
    [
      'an unknown loss',
      { loss: 'sparseCategoricalCrossentopy' },
      /Did you mean 'sparseCategoricalCrossentropy'/,
    ],
    [
      'an unknown optimizer',
      { optimizer: 'adamm', loss: 'mse' },
      /Unknown optimizer 'adamm'\. Did you mean 'adam'/,
    ],
    [
      'an unknown metric',
      { loss: 'mse', metrics: ['acuracy'] },
      /acuracy.*Did you mean 'accuracy'/,
    ],
    [
      'an unknown option',
      { losss: 'mse' } as never,
      /Unknown compile option 'losss'\. Did you mean 'loss'/,
    ],
    ['a loss of another output', { loss: { other: 'mse' } }, /Unknown output 'other'/],
    ['too many losses', { loss: ['mse', 'mse'] }, /compile: loss/],
    [
      'a seed that is no number',
      { loss: 'mse', seed: 0.5 },
      /seed must be a whole number, but got 0\.5/,
    ],
  ];

  it.each(compiles)('%s', async (_, options, message) => {
    const model = classifier();
    const { optimizer } = model;
    const error = await failure(() => model.compile(options));
    expect(error).toBeInstanceOf(luge.LugeError);
    expect(error.message).toMatch(message);
    expect(model.optimizer).toBe(optimizer);
  });
});

describe('a model', () => {
  it('that is not compiled says so', async () => {
    const model = luge.sequential([layers.dense({ units: 3, inputShape: [2] })]);
    for (const run of [
      () => model.fit(x, y, quiet),
      () => model.evaluate(x, y),
      () => model.trainOnBatch(x, y),
      () => model.optimizer,
    ]) {
      const error = await failure(run);
      expect(error.code).toBe('NOT_COMPILED');
      expect(error.message).toMatch(/is not compiled yet: call compile\(/);
    }
    model.compile({ optimizer: 'sgd' });
    expect((await failure(() => model.fit(x, y, quiet))).message).toMatch(/was not given a loss/);
  });

  it('checks what evaluate and predict are given', async () => {
    const model = classifier();
    const checks: [() => unknown, RegExp][] = [
      [() => model.predict([[1, 2, 3]]), /^predict: x: input .* but got \[1, 3\]/],
      [() => model.predict(x, { batchSize: 0 }), /^predict: batchSize/],
      [() => model.predict(x, { batch: 5 } as never), /Unknown predict option 'batch'/],
      [() => model.predictClasses(x.rows(0, 0)), /has no samples/],
      [() => model.evaluate(x, y, { batchSize: -1 }), /^evaluate: batchSize/],
      [() => model.evaluate(x, y.rows(0, 3)), /^evaluate: all of the data/],
      [() => model.trainOnBatch(x, [5]), /^trainOnBatch/],
      [() => model.summary({ batchSize: 0 }), /^summary: batchSize/],
    ];
    for (const [run, message] of checks) expect((await failure(run)).message).toMatch(message);
  });
});
