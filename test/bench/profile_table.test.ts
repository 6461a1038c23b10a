import type { TraceRow } from 'luge';
import { describe, expect, it } from 'vitest';
import { costs, flopsOf, opTable } from '../../bench/profile_table.js';

const float32 = (...shape: number[]) => ({ shape, dtype: 'float32' }) as const;

const row = (op: string, inputs: number[][], outputs: number[][], nanoseconds = 0): TraceRow => ({
  op,
  scope: '',
  count: 2,
  nanoseconds,
  inputs: inputs.map((shape) => float32(...shape)),
  outputs: outputs.map((shape) => float32(...shape)),
});

describe('flopsOf', () => {
  it("counts Winograd's convolutions as plain ones", () => {
    const [x, y] = [
      [2, 8, 8, 5],
      [2, 8, 8, 7],
    ];
    const plain = row('conv2d', [x, [3, 3, 5, 7]], [y]);
    const winograd = row('winograd_conv2d', [x, [1, 36, 5, 16]], [y]);
    expect(flopsOf(plain)).toBe(2 * 2 * 8 * 8 * 7 * 9 * 5);
    expect(flopsOf(winograd)).toBe(flopsOf(plain));
    expect(flopsOf(row('winograd_dweight', [x, y], [[3, 3, 5, 7]]))).toBe(flopsOf(plain));
  });

  it('knows depthwise convolutions by their kernels', () => {
    const [image, kernel] = [
      [2, 6, 6, 5],
      [3, 3, 1, 5],
    ];
    const flops = 2 * 2 * 6 * 6 * 5 * 9;
    expect(flopsOf(row('conv2d', [image, kernel], [image]))).toBe(flops);
    expect(flopsOf(row('conv2d_dx', [image, kernel], [image]))).toBe(flops);
    expect(flopsOf(row('conv2d_dweight', [image, image], [kernel]))).toBe(flops);
  });

  it('counts the products with the state in recurrences', () => {
    const flops = 2 * (4 * 10) * 16 * (4 * 16); // batch 4, 10 steps, 16 units, 4 gates
    expect(
      flopsOf(
        row(
          'lstm',
          [
            [4, 10, 64],
            [16, 64],
          ],
          [[4, 10, 16]],
        ),
      ),
    ).toBe(flops);
    expect(
      flopsOf(
        row(
          'lstm_dx',
          [
            [16, 64],
            [4, 10, 16],
          ],
          [[4, 10, 64]],
        ),
      ),
    ).toBe(flops);
    expect(
      flopsOf(
        row(
          'gru',
          [
            [4, 10, 48],
            [16, 48],
          ],
          [[4, 10, 16]],
        ),
      ),
    ).toBe((flops / 4) * 3);
  });

  it('knows nothing of others', () => {
    expect(flopsOf(row('softmax', [[4, 10]], [[4, 10]]))).toBeUndefined();
  });
});

describe('opTable', () => {
  it('adds up the instructions of an operation', () => {
    const product = [
      [1, 10, 100],
      [1, 100, 10],
    ]; // 20,000 operations, 8,400 bytes
    const table = opTable(
      costs([
        row('map', [[1000]], [[1000]], 4_000),
        row('matmul', product, [[1, 10, 10]], 2_000),
        row('matmul', product, [[1, 10, 10]], 6_000),
      ]),
    );
    // A step takes half of what two took: 2 us, and 1 and 3 us.
    expect(table.split('\n').map((line) => line.trim().split(/ +/))).toEqual([
      ['operation', 'times', 'us/step', 'share', 'GFLOP/s', 'GB/s'],
      ['matmul', '2', '4.0', '66.7%', '10.0', '4.2'],
      ['map', '1', '2.0', '33.3%', '4.0'],
    ]);
  });
});
