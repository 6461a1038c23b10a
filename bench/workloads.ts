import { flopsOf } from './flops.js';

/**
 * A layer by its name in luge and tfjs-layers, with options that every peer understands. `residual`
 * stands for two branches from the same input, each a list of layers, and their sum.
 */
export type LayerRow =
  | ['conv2d', Window & { filters: number; activation?: 'relu' }]
  | ['depthwiseConv2d', Window]
  | ['batchNormalization', Record<string, never>]
  | ['activation', { activation: 'relu' | 'relu6' }]
  | ['maxPooling2d', { poolSize: number }]
  | ['globalAveragePooling2d', Record<string, never>]
  | ['flatten', Record<string, never>]
  | ['dense', { units: number; activation?: 'relu' | 'softmax' }]
  | ['dropout', { rate: number }]
  | ['lstm' | 'gru', { units: number }]
  | ['residual', { body: LayerRow[]; shortcut: LayerRow[] }];

interface Window {
  kernelSize: number;
  strides?: number;
  padding?: 'same';
  /** Left out where batch normalization follows, which has an offset of its own. */
  useBias?: false;
}

/** What every peer does alike. It is sent to them as JSON: plain data only. */
export interface Workload {
  name: string;
  /** `train`: `fit` with shuffling; `predict`: `predict` over all samples. */
  kind: 'train' | 'predict';
  /** Shape of one sample, channels last. */
  input: number[];
  /** Size of the last layer; labels are one-hot rows. */
  classes: number;
  batch: number;
  /** Rows of the data set, a multiple of `batch`; one pass over them is one epoch. */
  samples: number;
  layers: LayerRow[];
  optimizer: {
    name: 'adadelta' | 'adam' | 'rmsprop' | 'sgd';
    learningRate: number;
    /** Of `sgd`. */
    momentum?: number;
  };
  /** Multiplications and additions for one sample, for comparison with the machine's peak. */
  flops: number;
}

type Plan = Omit<Workload, 'flops'>;

const workload = (plan: Plan): Workload => ({
  ...plan,
  flops: flopsOf(plan.kind, plan.input, plan.layers),
});

type Network = Pick<Plan, 'input' | 'classes' | 'layers' | 'optimizer'>;

/** The notes' network with one convolution. */
const cnn: Network = {
  input: [28, 28, 1],
  classes: 10,
  layers: [
    ['conv2d', { filters: 20, kernelSize: 5, activation: 'relu' }],
    ['maxPooling2d', { poolSize: 2 }],
    ['flatten', {}],
    ['dense', { units: 100, activation: 'relu' }],
    ['dense', { units: 10, activation: 'softmax' }],
  ],
  optimizer: { name: 'adadelta', learningRate: 1 },
};

/** The notes' network with two. */
const cnn2: Network = {
  ...cnn,
  layers: [
    ...cnn.layers.slice(0, 2),
    ['conv2d', { filters: 40, kernelSize: 5, activation: 'relu' }],
    ['maxPooling2d', { poolSize: 2 }],
    ...cnn.layers.slice(2),
  ],
  optimizer: { name: 'sgd', learningRate: 0.1 },
};

const block = (convolutions: number, filters: number): LayerRow[] => [
  ...Array.from(
    { length: convolutions },
    (): LayerRow => ['conv2d', { filters, kernelSize: 3, padding: 'same', activation: 'relu' }],
  ),
  ['maxPooling2d', { poolSize: 2 }],
];

/** Simonyan and Zisserman 2014, configuration D. */
const vgg16: Network = {
  input: [224, 224, 3],
  classes: 1000,
  layers: [
    ...block(2, 64),
    ...block(2, 128),
    ...block(3, 256),
    ...block(3, 512),
    ...block(3, 512),
    ['flatten', {}],
    ['dense', { units: 4096, activation: 'relu' }],
    ['dense', { units: 4096, activation: 'relu' }],
    ['dense', { units: 1000, activation: 'softmax' }],
  ],
  optimizer: { name: 'sgd', learningRate: 0.01 },
};

/** A convolution as modern networks have it: without bias, normalized, then an activation. */
const normalized = (
  filters: number,
  kernelSize: number,
  { strides = 1, activation }: { strides?: number; activation?: 'relu' | 'relu6' } = {},
): LayerRow[] => [
  ['conv2d', { filters, kernelSize, strides, padding: 'same', useBias: false }],
  ['batchNormalization', {}],
  ...(activation ? ([['activation', { activation }]] satisfies LayerRow[]) : []),
];

/** Where a block changes the shape, its shortcut is a 1x1 convolution (He et al.'s option B). */
const residual = (body: LayerRow[], shortcut: LayerRow[] = []): LayerRow[] => [
  ['residual', { body, shortcut }],
  ['activation', { activation: 'relu' }],
];

const basicBlock = (filters: number, strides = 1): LayerRow[] =>
  residual(
    [...normalized(filters, 3, { strides, activation: 'relu' }), ...normalized(filters, 3)],
    strides === 1 ? [] : normalized(filters, 1, { strides }),
  );

/** He et al. 2015, section 4.2, with n = 3: 20 layers for CIFAR. */
const resnet20: Network = {
  input: [32, 32, 3],
  classes: 10,
  layers: [
    ...normalized(16, 3, { activation: 'relu' }),
    ...[...basicBlock(16), ...basicBlock(16), ...basicBlock(16)],
    ...[...basicBlock(32, 2), ...basicBlock(32), ...basicBlock(32)],
    ...[...basicBlock(64, 2), ...basicBlock(64), ...basicBlock(64)],
    ['globalAveragePooling2d', {}],
    ['dense', { units: 10, activation: 'softmax' }],
  ],
  optimizer: { name: 'sgd', learningRate: 0.1, momentum: 0.9 },
};

/** 1x1, 3x3, 1x1 with four times as many channels; the 3x3 one takes the stride. */
const bottleneck = (filters: number, strides: number, changes: boolean): LayerRow[] =>
  residual(
    [
      ...normalized(filters, 1, { activation: 'relu' }),
      ...normalized(filters, 3, { strides, activation: 'relu' }),
      ...normalized(4 * filters, 1),
    ],
    changes ? normalized(4 * filters, 1, { strides }) : [],
  );

/** The start of a ResNet-50 on small images. */
const bottlenecks: Network = {
  input: [64, 64, 3],
  classes: 10,
  layers: [
    ...normalized(64, 7, { strides: 2, activation: 'relu' }),
    ['maxPooling2d', { poolSize: 2 }],
    ...[...bottleneck(64, 1, true), ...bottleneck(64, 1, false)],
    ...[...bottleneck(128, 2, true), ...bottleneck(128, 1, false)],
    ['globalAveragePooling2d', {}],
    ['dense', { units: 10, activation: 'softmax' }],
  ],
  optimizer: { name: 'sgd', learningRate: 0.1, momentum: 0.9 },
};

/** Depthwise and pointwise: Howard et al. 2017. */
const separable = (filters: number, strides = 1): LayerRow[] => [
  ['depthwiseConv2d', { kernelSize: 3, strides, padding: 'same', useBias: false }],
  ['batchNormalization', {}],
  ['activation', { activation: 'relu6' }],
  ...normalized(filters, 1, { activation: 'relu6' }),
];

/** Small enough for CIFAR, with channels that fill no vector. */
const mobile: Network = {
  input: [32, 32, 3],
  classes: 10,
  layers: [
    ...normalized(19, 3, { activation: 'relu6' }),
    ...[...separable(35), ...separable(67, 2), ...separable(67), ...separable(131, 2)],
    ['globalAveragePooling2d', {}],
    ['dense', { units: 10, activation: 'softmax' }],
  ],
  optimizer: { name: 'adam', learningRate: 0.001 },
};

/** Rows of an image as a sequence. */
const recurrent = (layer: 'lstm' | 'gru'): Network => ({
  input: [28, 28],
  classes: 10,
  layers: [
    [layer, { units: 128 }],
    ['dense', { units: 10, activation: 'softmax' }],
  ],
  optimizer: { name: 'adam', learningRate: 0.001 },
});

export const workloads: Workload[] = [
  workload({ name: 'cnn-train', kind: 'train', batch: 128, samples: 128 * 100, ...cnn }),
  workload({
    name: 'mlp-train',
    kind: 'train',
    input: [784],
    classes: 10,
    batch: 100,
    samples: 100 * 300,
    layers: [
      ['dense', { units: 100, activation: 'relu' }],
      ['dropout', { rate: 0.3 }],
      ['dense', { units: 10, activation: 'softmax' }],
    ],
    optimizer: { name: 'adam', learningRate: 0.001 },
  }),
  workload({
    name: 'peptide-train',
    kind: 'train',
    input: [180],
    classes: 3,
    batch: 50,
    samples: 50 * 400,
    layers: [
      ['dense', { units: 180, activation: 'relu' }],
      ['dropout', { rate: 0.4 }],
      ['dense', { units: 90, activation: 'relu' }],
      ['dropout', { rate: 0.3 }],
      ['dense', { units: 3, activation: 'softmax' }],
    ],
    optimizer: { name: 'rmsprop', learningRate: 0.001 },
  }),
  workload({ name: 'cnn2-train', kind: 'train', batch: 128, samples: 128 * 50, ...cnn2 }),
  workload({ name: 'cnn2-b10-train', kind: 'train', batch: 10, samples: 10 * 300, ...cnn2 }),
  workload({ name: 'cnn-infer', kind: 'predict', batch: 128, samples: 128 * 100, ...cnn }),
  workload({ name: 'vgg16-infer-b1', kind: 'predict', batch: 1, samples: 4, ...vgg16 }),
  workload({ name: 'vgg16-infer-b8', kind: 'predict', batch: 8, samples: 8, ...vgg16 }),
  workload({ name: 'vgg16-train-b8', kind: 'train', batch: 8, samples: 8, ...vgg16 }),
  workload({
    name: 'lstm-train',
    kind: 'train',
    batch: 128,
    samples: 128 * 20,
    ...recurrent('lstm'),
  }),
  workload({
    name: 'gru-train',
    kind: 'train',
    batch: 128,
    samples: 128 * 20,
    ...recurrent('gru'),
  }),
  workload({ name: 'resnet20-train', kind: 'train', batch: 128, samples: 128 * 2, ...resnet20 }),
  workload({ name: 'resnet20-infer', kind: 'predict', batch: 128, samples: 128 * 4, ...resnet20 }),
  workload({ name: 'mobile-train', kind: 'train', batch: 32, samples: 32 * 20, ...mobile }),
  workload({ name: 'bottleneck-train', kind: 'train', batch: 16, samples: 16 * 8, ...bottlenecks }),
  workload({
    name: 'wide-mlp-train',
    kind: 'train',
    input: [784],
    classes: 10,
    batch: 64,
    samples: 64 * 60,
    layers: [
      ['dense', { units: 1024, activation: 'relu' }],
      ['dense', { units: 1024, activation: 'relu' }],
      ['dense', { units: 10, activation: 'softmax' }],
    ],
    optimizer: { name: 'adam', learningRate: 0.001 },
  }),
  // Sizes that fill neither vectors nor tiles.
  workload({
    name: 'odd-cnn-train',
    kind: 'train',
    input: [28, 28, 3],
    classes: 10,
    batch: 7,
    samples: 7 * 200,
    layers: [
      ['conv2d', { filters: 17, kernelSize: 3, activation: 'relu' }],
      ['maxPooling2d', { poolSize: 2 }],
      ['conv2d', { filters: 33, kernelSize: 3, activation: 'relu' }],
      ['maxPooling2d', { poolSize: 2 }],
      ['flatten', {}],
      ['dense', { units: 10, activation: 'softmax' }],
    ],
    optimizer: { name: 'sgd', learningRate: 0.1 },
  }),
  // So small that all its time is the overhead of a step.
  workload({
    name: 'tiny-train',
    kind: 'train',
    input: [8],
    classes: 8,
    batch: 8,
    samples: 8 * 500,
    layers: [
      ['dense', { units: 8, activation: 'relu' }],
      ['dense', { units: 8, activation: 'softmax' }],
    ],
    optimizer: { name: 'sgd', learningRate: 0.1 },
  }),
];
