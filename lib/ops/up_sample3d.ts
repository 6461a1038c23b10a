import type { Value } from '../graph/ir.js';
import { defineOp } from './define.js';
import { checkOptions } from './options.js';
import { reshape } from './reshape.js';
import { upSample2d } from './up_sample2d.js';
import { checkTriple, checkVolumes, type Triple } from './window.js';

export interface UpSample3dOptions {
  /** How many times as many slices, rows and columns; 2 by default. */
  size?: Triple;
}

/**
 * Volumes x [batch, depth, rows, columns, channels] with each element repeated: `size` times as many
 * slices, rows and columns.
 *
 * @throws LugeError BAD_ARGUMENT unless size holds whole numbers of at least 1.
 *
 * @example
 * ```ts
 * const x = tensor([1, 2]).reshape([1, 2, 1, 1, 1]);
 * ops.upSample3d(x, { size: [2, 1, 1] }).reshape([4]); // => [1,1,2,2]
 * ```
 */
export const upSample3d = defineOp(
  'upSample3d',
  1,
  (x: Value, options: UpSample3dOptions = {}): Value => {
    checkOptions('upSample3d', options, ['size']);
    const [n, d, h, w, c] = checkVolumes('upSample3d', x.shape);
    const size = checkTriple('upSample3d', 'size', options.size ?? 2);
    const [byDepth, byRows, byColumns] = size;
    const deep = upSample2d(reshape(x, [n, d, 1, h * w * c]), { size: [byDepth, 1] });
    const slices = reshape(deep, [n * d * byDepth, h, w, c]);
    const wide = upSample2d(slices, { size: [byRows, byColumns] });
    return reshape(wide, [n, d * byDepth, h * byRows, w * byColumns, c]);
  },
);
