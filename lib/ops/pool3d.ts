import type { Value } from '../graph/ir.js';
import { defineOp } from './define.js';
import { checkOptions } from './options.js';
import { averagePool2d, maxPool2d } from './pool2d.js';
import { reshape } from './reshape.js';
import { checkTriple, checkVolumes, slideWindow, type Triple } from './window.js';

export interface Pool3dOptions {
  /** Depth, rows and columns of a window; 2 by default. */
  poolSize?: Triple;
  /** Step from one window to the next; the size of a window by default. */
  strides?: Triple;
  /** 'valid' by default. What is padded never counts, neither as a maximum nor in a mean. */
  padding?: 'valid' | 'same';
}

/**
 * The largest of a window is that of the largest of its slices. So with the mean: every slice of a
 * window has as many elements, also at the edge of the volume.
 */
function define(name: string, pool2d: typeof maxPool2d) {
  return defineOp(name, 1, (x: Value, options: Pool3dOptions = {}): Value => {
    checkOptions(name, options, ['poolSize', 'strides', 'padding']);
    const [n, d, h, w, c] = checkVolumes(name, x.shape);
    const pool = checkTriple(name, 'poolSize', options.poolSize ?? 2);
    const { padding = 'valid', strides: given = pool } = options;
    const window = { strides: given, padding, dilation: 1 };
    const { strides, out } = slideWindow(name, [d, h, w] as const, pool, window);
    const [od, oh, ow] = out;
    const within = pool2d(reshape(x, [n * d, h, w, c]), {
      poolSize: [pool[1], pool[2]],
      strides: [strides[1], strides[2]],
      padding,
    });
    const across = pool2d(reshape(within, [n, d, 1, oh * ow * c]), {
      poolSize: [pool[0], 1],
      strides: [strides[0], 1],
      padding,
    });
    return reshape(across, [n, od, oh, ow, c]);
  });
}

/**
 * The largest element of each window of volumes [batch, depth, rows, columns, channels], float32.
 * The gradient goes to the first of equals.
 *
 * @throws LugeError BAD_SHAPE when the window does not fit.
 *
 * @example
 * ```ts
 * const x = tensor([1, 5, 3, 4]).reshape([1, 2, 1, 2, 1]);
 * ops.maxPool3d(x, { poolSize: [2, 1, 1] }).reshape([2]); // => [3,5]
 * ```
 */
export const maxPool3d = define('maxPool3d', maxPool2d);

/**
 * The mean of each window of volumes [batch, depth, rows, columns, channels], float32.
 *
 * @throws LugeError BAD_SHAPE when the window does not fit.
 *
 * @example
 * ```ts
 * const x = tensor([1, 5, 3, 4]).reshape([1, 2, 1, 2, 1]);
 * ops.averagePool3d(x, { poolSize: [2, 1, 1] }).reshape([2]); // => [2,4.5]
 * ```
 */
export const averagePool3d = define('averagePool3d', averagePool2d);
