import { Real } from './op_reference.js';

/** Where a kernel is put on images. */
export interface Geometry {
  strides: [number, number];
  dilation: [number, number];
  /** Above and on the left. */
  pads: [number, number];
  out: [number, number];
  groups: number;
}

/** Visits every product in a convolution: offsets of its elements of x, weight and y. */
export function visitProducts(
  [n, h, w, c]: readonly number[],
  [kh, kw, depth, filters]: readonly number[],
  { strides, dilation, pads, out: [oh, ow], groups }: Geometry,
  visit: (x: number, weight: number, y: number) => void,
): void {
  const sizes = [n, oh, ow, filters, kh, kw, depth] as number[];
  Real.make(sizes, (index) => {
    const [image, row, column, filter, i, j, k] = index as [
      number,
      number,
      number,
      number,
      number,
      number,
      number,
    ];
    const r = row * strides[0] + i * dilation[0] - pads[0];
    const s = column * strides[1] + j * dilation[1] - pads[1];
    if (r < 0 || r >= (h as number) || s < 0 || s >= (w as number)) return 0;
    const group = Math.floor(filter / ((filters as number) / groups));
    const channel = group * (depth as number) + k;
    visit(
      ((image * (h as number) + r) * (w as number) + s) * (c as number) + channel,
      ((i * (kw as number) + j) * (depth as number) + k) * (filters as number) + filter,
      ((image * oh + row) * ow + column) * (filters as number) + filter,
    );
    return 0;
  });
}

export function convolve(x: Real, weight: Real, g: Geometry): Real {
  const [n] = x.shape as [number];
  const y = Real.make([n, ...g.out, weight.shape[3] as number], () => 0);
  visitProducts(x.shape, weight.shape, g, (i, j, k) => {
    y.data[k] = (y.data[k] as number) + (x.data[i] as number) * (weight.data[j] as number);
  });
  return y;
}
