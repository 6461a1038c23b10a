/** A layer by its name in luge and tfjs-layers, with options that every peer understands. */
export type LayerRow =
  | ['conv2d', { filters: number; kernelSize: number; activation?: 'relu' }]
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
  optimizer: { name: 'adadelta' | 'adam'; learningRate: number };
  /** Multiplications and additions for one sample, for comparison with the machine's peak. */
  flops: number;
}

// Training takes each product three times: forward, gradient of the weights, gradient of the input
// (which the first layer does without).
const conv = 24 * 24 * 20 * 5 * 5;
const cnnDense = 12 * 12 * 20 * 100 + 100 * 10;
const mlpFirst = 784 * 100;
const mlpLast = 100 * 10;

export const workloads: Workload[] = [
  {
    name: 'cnn-train',
    kind: 'train',
    input: [28, 28, 1],
    classes: 10,
    batch: 128,
    samples: 128 * 100,
    layers: [
      ['conv2d', { filters: 20, kernelSize: 5, activation: 'relu' }],
      ['maxPooling2d', { poolSize: 2 }],
      ['flatten', {}],
      ['dense', { units: 100, activation: 'relu' }],
      ['dense', { units: 10, activation: 'softmax' }],
    ],
    optimizer: { name: 'adadelta', learningRate: 1 },
    flops: 2 * (2 * conv + 3 * cnnDense),
  },
  {
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
    flops: 2 * (2 * mlpFirst + 3 * mlpLast),
  },
];
