import { Real } from './op_reference.js';

/** Windows over images and how far apart they are. */
export interface Windows {
  pool: [number, number];
  strides: [number, number];
  /** Above and on the left. */
  pads: [number, number];
  out: [number, number];
}

/** A function of what each window shows of the image. */
export function overWindows(x: Real, g: Windows, f: (window: number[]) => number): Real {
  const [n, h, w, c] = x.shape as [number, number, number, number];
  return Real.make([n, ...g.out, c], (index) => {
    const [image, row, column, channel] = index as [number, number, number, number];
    const window: number[] = [];
    for (let i = 0; i < g.pool[0]; i++) {
      for (let j = 0; j < g.pool[1]; j++) {
        const r = row * g.strides[0] + i - g.pads[0];
        const s = column * g.strides[1] + j - g.pads[1];
        if (r >= 0 && r < h && s >= 0 && s < w) window.push(x.at([image, r, s, channel]));
      }
    }
    return f(window);
  });
}
