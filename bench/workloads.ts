import { flopsOf } from './flops.js';

/** A layer by its name in luge and tfjs-layers, with options that every peer understands. */
export type LayerRow =
  | ['conv2d', { filters: number; kernelSize: number; padding?: 'same'; activation?: 'relu' }]
  | ['maxPooling2d', { poolSize: number }]
  | ['flatten', Record<string, never>]
  | ['dense', { units: number; activation?: 'relu' | 'softmax' }]
  | ['dropout', { rate: number }];

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
  optimizer: { name: 'adadelta' | 'adam' | 'rmsprop' | 'sgd'; learningRate: number };
  /** Multiplications and additions for one sample, for comparison with the machine's peak. */
  flops: number;
}

type Plan = Omit<Workload, 'flops'>;

const workload = (plan: Plan): Workload => ({
  ...plan,
  flops: flopsOf(plan.kind, plan.input, plan.layers),
});

/** The notes' network with one convolution. */
const cnn: Pick<Plan, 'input' | 'classes' | 'layers' | 'optimizer'> = {
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
const cnn2: typeof cnn = {
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
const vgg16: typeof cnn = {
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
];
