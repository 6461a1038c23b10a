import { describe, expect, it } from 'vitest';
import { flopsOf } from '../../bench/flops.js';
import { type LayerRow, workloads } from '../../bench/workloads.js';

const forward = (input: number[], ...layers: LayerRow[]) => flopsOf('predict', input, layers);

describe('flopsOf', () => {
  it('counts two for each multiplication of a product', () => {
    const mlp: LayerRow[] = [
      ['dense', { units: 100, activation: 'relu' }],
      ['dropout', { rate: 0.3 }],
      ['dense', { units: 10 }],
    ];
    expect(forward([784], ...mlp)).toBe(2 * (784 * 100 + 100 * 10));
    expect(flopsOf('train', [784], mlp)).toBe(2 * (2 * 784 * 100 + 3 * 100 * 10));
  });

  it('takes padding and strides into account', () => {
    const conv = (options: object) =>
      forward([9, 8, 3], ['conv2d', { filters: 4, kernelSize: 3, ...options }]) / (2 * 4 * 9 * 3);
    expect(conv({})).toBe(7 * 6);
    expect(conv({ padding: 'same' })).toBe(9 * 8);
    expect(conv({ strides: 2 })).toBe(4 * 3);
    expect(conv({ padding: 'same', strides: 2 })).toBe(5 * 4);
  });

  it('gives a depthwise convolution one input channel for each output', () => {
    const row: LayerRow = ['depthwiseConv2d', { kernelSize: 3, padding: 'same' }];
    expect(forward([4, 4, 5], row)).toBe(2 * 4 * 4 * 5 * 9);
  });

  it('follows the shape through pooling and flattening', () => {
    const dense: LayerRow = ['dense', { units: 7 }];
    const pooled = forward([5, 5, 3], ['maxPooling2d', { poolSize: 2 }], ['flatten', {}], dense);
    expect(pooled).toBe(2 * 2 * 2 * 3 * 7);
    expect(forward([5, 5, 3], ['globalAveragePooling2d', {}], dense)).toBe(2 * 3 * 7);
  });

  it('counts the gates of recurrent layers at every step', () => {
    const dense: LayerRow = ['dense', { units: 10 }];
    const lstm: LayerRow = ['lstm', { units: 16 }];
    expect(forward([5, 3], lstm, dense)).toBe(2 * (5 * 4 * 16 * (3 + 16) + 160));
    expect(forward([5, 3], ['gru', { units: 16 }])).toBe(2 * 5 * 3 * 16 * (3 + 16));
    // The input has no gradient, the state has.
    expect(flopsOf('train', [5, 3], [lstm])).toBe(2 * 5 * 4 * 16 * (2 * 3 + 3 * 16));
  });

  it('adds both branches of a residual block', () => {
    const branch = (filters: number, kernelSize: number): LayerRow[] => [
      ['conv2d', { filters, kernelSize, strides: 2, padding: 'same' }],
      ['batchNormalization', {}],
    ];
    const block: LayerRow = ['residual', { body: branch(8, 3), shortcut: branch(8, 1) }];
    expect(forward([6, 6, 4], block, ['globalAveragePooling2d', {}], ['dense', { units: 2 }])).toBe(
      2 * (3 * 3 * 8 * 4 * (9 + 1) + 8 * 2),
    );
  });

  it('agrees with what is published of known networks', () => {
    const macs = (name: string) => (workloads.find((w) => w.name === name)?.flops ?? 0) / 2;
    // 15.5 billion multiplications (Simonyan and Zisserman); 40.6 million without the two
    // projections of 1x1, which add 2 * 16 * 16 * 16 * 32.
    expect(macs('vgg16-infer-b1')).toBeCloseTo(15.47e9, -8);
    expect(macs('resnet20-infer')).toBeCloseTo(40.55e6 + 2 * 16 * 16 * 16 * 32, -5);
  });
});

describe('workloads', () => {
  it.each(workloads.map((workload) => [workload.name, workload] as const))(
    '%s is plain data in whole batches',
    (_, workload) => {
      expect(workload.samples % workload.batch).toBe(0);
      expect(workload.flops).toBeGreaterThan(0);
      expect(JSON.parse(JSON.stringify(workload))).toEqual(workload);
    },
  );

  it('have names of their own', () => {
    expect(new Set(workloads.map(({ name }) => name)).size).toBe(workloads.length);
  });
});
