import { Real, total } from '../support/op_reference.js';

/** How a window moves over one axis: from where, how far apart its elements are, how many places. */
export interface Steps {
  pads: readonly [number, number];
  strides: readonly [number, number];
  dilation?: readonly [number, number];
  out: readonly [number, number];
}

/** A place of the window on the image. */
export interface Place {
  row: number;
  column: number;
  /** In the window. */
  i: number;
  j: number;
}

/** A function of the places of each window that lie on images x [n, h, w, c]. */
export function overWindows(
  x: Real,
  size: readonly [number, number],
  { pads, strides, dilation = [1, 1], out }: Steps,
  channels: number,
  f: (places: Place[], image: number, channel: number) => number,
): Real {
  const [n, h, w] = x.shape as [number, number, number];
  return Real.make([n, ...out, channels], ([image, row, column, channel]) => {
    const places: Place[] = [];
    for (let i = 0; i < size[0]; i++) {
      for (let j = 0; j < size[1]; j++) {
        const r = (row as number) * strides[0] + i * dilation[0] - pads[0];
        const c = (column as number) * strides[1] + j * dilation[1] - pads[1];
        if (r >= 0 && r < h && c >= 0 && c < w) places.push({ row: r, column: c, i, j });
      }
    }
    return f(places, image as number, channel as number);
  });
}

/** Each channel of x [n, h, w, c] alone with its kernels [rows, columns, c, multiplier]. */
export function convolveChannels(x: Real, kernel: Real, steps: Steps): Real {
  const [rows, columns, channels, multiplier] = kernel.shape as [number, number, number, number];
  const size = [rows, columns] as const;
  return overWindows(x, size, steps, channels * multiplier, (places, image, out) => {
    const channel = Math.floor(out / multiplier);
    return total(
      places.map(
        ({ row, column, i, j }) =>
          x.at([image, row, column, channel]) * kernel.at([i, j, channel, out % multiplier]),
      ),
    );
  });
}

/** The channels of x [n, h, w, c] mixed by weight [1, 1, c, filters]. */
export function mixChannels(x: Real, weight: Real): Real {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  return Real.make([n, h, w, weight.shape[3] as number], ([image, row, column, filter]) =>
    total(
      Array.from(
        { length: c },
        (_, k) =>
          x.at([image as number, row as number, column as number, k]) *
          weight.at([0, 0, k, filter as number]),
      ),
    ),
  );
}
