import { LugeError } from '../core/errors.js';
import { showShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { cast } from './cast.js';
import { conv2dDxOp } from './conv2d.js';
import { defineOp } from './define.js';
import { checkOptions } from './options.js';
import { transposedWindow } from './transposed_window.js';
import { checkImages, type Pair } from './window.js';

export interface Conv2dTransposeOptions {
  /** How many rows and columns of the result lie between two of x; 1 by default. */
  strides?: Pair;
  /** 'valid' (default): rows * stride + max(kernelRows - stride, 0); 'same': rows * stride. */
  padding?: 'valid' | 'same';
  /** Rows and columns added below and on the right, less than the strides. Default: as for `padding`. */
  outputPadding?: Pair;
  /** Distance between neighbouring elements of the kernel; 1 by default. */
  dilationRate?: Pair;
}

/**
 * The gradient of a convolution by its input: of x [batch, rows, columns, channels] with kernels
 * weight [rows, columns, filters, channels], both float32, images that a convolution would make x's
 * shape of (Zeiler et al., 2010). Sizes of the result are as in Keras.
 *
 * @returns [batch, out rows, out columns, filters]
 * @throws LugeError BAD_SHAPE when the channels differ, BAD_ARGUMENT for padding that does not fit.
 * @example
 * ```ts
 * const image = tensor([1, 2], [1, 1, 2, 1]);
 * const kernel = tensor([1, 10], [1, 2, 1, 1]);
 * ops.conv2dTranspose(image, kernel, { strides: [1, 2] }).reshape([4]); // => [1, 10, 2, 20]
 * ```
 */
export const conv2dTranspose = defineOp(
  'conv2dTranspose',
  2,
  (x: Value, weight: Value, options: Conv2dTransposeOptions = {}): Value => {
    const name = 'conv2dTranspose';
    checkOptions(name, options, ['strides', 'padding', 'outputPadding', 'dilationRate']);
    const [n, h, w, c] = checkImages(name, x.shape);
    if (weight.rank !== 4 || weight.shape[3] !== c || weight.shape.includes(0)) {
      throw new LugeError(
        'BAD_SHAPE',
        `ops.${name}: expected a weight of shape [rows, columns, filters, ${c}] for x with ${c} ` +
          `channels, but got ${showShape(weight.shape)}.`,
      );
    }
    const kernel = weight.shape.slice(0, 2) as [number, number];
    const { window, size } = transposedWindow(name, [h, w] as const, kernel, options);
    return x.node.graph.add(conv2dDxOp, [cast(x, 'float32'), cast(weight, 'float32')], {
      strides: window.strides,
      pads: window.pads,
      dilation: window.dilation,
      groups: 1,
      shape: [n, ...size, weight.shape[2] as number],
    }).output;
  },
);
