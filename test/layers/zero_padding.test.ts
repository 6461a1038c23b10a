import { describe, expect, it } from 'vitest';
import { type ZeroPadding2DOptions, zeroPadding2d } from '../../lib/layers/index.js';
import { checkLayer } from '../support/check_layer.js';
import { floats } from '../support/check_op.js';
import { Real } from '../support/op_reference.js';

interface Sides {
  top: number;
  bottom: number;
  left: number;
  right: number;
}

function surround(x: Real, { top, bottom, left, right }: Sides): Real {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  return Real.make([n, top + h + bottom, left + w + right, c], ([image, row, column, channel]) => {
    const [i, j] = [(row as number) - top, (column as number) - left];
    const inside = i >= 0 && i < h && j >= 0 && j < w;
    return inside ? x.at([image as number, i, j, channel as number]) : 0;
  });
}

const cases: [padding: ZeroPadding2DOptions['padding'], sides: Sides][] = [
  [undefined, { top: 1, bottom: 1, left: 1, right: 1 }],
  [2, { top: 2, bottom: 2, left: 2, right: 2 }],
  [0, { top: 0, bottom: 0, left: 0, right: 0 }],
  [[1, 2], { top: 1, bottom: 1, left: 2, right: 2 }],
  [
    [
      [0, 1],
      [2, 3],
    ],
    { top: 0, bottom: 1, left: 2, right: 3 },
  ],
  [[1, [0, 2]], { top: 1, bottom: 1, left: 0, right: 2 }],
];

describe('zeroPadding2d', () => {
  it.each(cases)('padding %j', (padding, sides) => {
    const layer = zeroPadding2d(padding === undefined ? {} : { padding });
    checkLayer({
      layer,
      inputs: [floats([2, 3, 4, 3])],
      reference: ([x]) => surround(x as Real, sides),
      length: 0,
      bad: [[[[null, 12]], /\[batch, rows, columns, channels\], of rank 4, but got \[null, 12\]/]],
    });
    const { top, bottom, left, right } = sides;
    expect(layer.getConfig()).toMatchObject({
      padding: [
        [top, bottom],
        [left, right],
      ],
      data_format: 'channels_last',
    });
  });

  it('refuses options that make no sense', () => {
    const make = (padding: unknown) => () => zeroPadding2d({ padding } as never);
    expect(make([1])).toThrow(
      /ZeroPadding2D\): padding must be a number, \[rows, columns\] or \[\[top, .* but got \[1\]/,
    );
    expect(make([1, [2, 3, 4]])).toThrow(/\[left, right\].* but got \[2,3,4\]/);
    expect(make(-1)).toThrow(/padding must be a whole number of at least 0, but got -1/);
    expect(make([1, 0.5])).toThrow(/padding must be a whole number of at least 0, but got 0.5/);
    expect(() => zeroPadding2d({ pading: 1 } as never)).toThrow("Did you mean 'padding'?");
    expect(() => zeroPadding2d({ dataFormat: 'channels_first' } as never)).toThrow(
      /dataFormat must be 'channelsLast'/,
    );
  });
});
