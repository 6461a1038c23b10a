import type { FillMode } from '../../lib/ops/warp_images.js';
import { Real } from './op_reference.js';

interface Sampling {
  fillMode?: FillMode;
  fillValue?: number;
  interpolation?: 'bilinear' | 'nearest';
}

/** The index of the pixel of [0, n) that is seen at i, or undefined for the fill value. */
function seen(i: number, n: number, fillMode: FillMode): number | undefined {
  if (fillMode === 'constant') return i >= 0 && i < n ? i : undefined;
  let at = i;
  while (at < 0 || at >= n) {
    if (fillMode === 'nearest') at = at < 0 ? 0 : n - 1;
    else if (fillMode === 'wrap') at += at < 0 ? n : -n;
    else at = at < 0 ? -1 - at : 2 * n - 1 - at;
  }
  return at;
}

/** `warpImages` by its definition: the extended image, interpolated by a sum over pixels nearby. */
export function warped(x: Real, transforms: Real, moves?: Real, sampling: Sampling = {}): Real {
  const { fillMode = 'reflect', fillValue = 0, interpolation = 'bilinear' } = sampling;
  const [, h, w] = x.shape as [number, number, number, number];
  const tent = (distance: number) => Math.max(0, 1 - Math.abs(distance));
  return Real.make(x.shape, (index) => {
    const [n, r, c, channel] = index as [number, number, number, number];
    const t = (k: number) =>
      transforms.shape.length === 1 ? transforms.at([k]) : transforms.at([n, k]);
    const move = (axis: number) => (moves === undefined ? 0 : moves.at([n, axis, r, c]));
    let column = t(0) * c + t(1) * r + t(2) + move(0);
    let row = t(3) * c + t(4) * r + t(5) + move(1);
    if (interpolation === 'nearest')
      [column, row] = [Math.floor(column + 0.5), Math.floor(row + 0.5)];
    let sum = 0;
    for (let i = Math.floor(row) - 1; i <= row + 1; i++) {
      for (let j = Math.floor(column) - 1; j <= column + 1; j++) {
        const share = tent(row - i) * tent(column - j);
        const [a, b] = [seen(i, h, fillMode), seen(j, w, fillMode)];
        const inside = a !== undefined && b !== undefined;
        if (share > 0) sum += share * (inside ? x.at([n, a, b, channel]) : fillValue);
      }
    }
    return sum;
  });
}
