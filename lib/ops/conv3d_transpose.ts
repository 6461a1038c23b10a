import { LugeError } from '../core/errors.js';
import { showShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { add } from './binary.js';
import { conv2dTranspose } from './conv2d_transpose.js';
import { defineOp } from './define.js';
import { checkOptions } from './options.js';
import { reshape } from './reshape.js';
import { slice, sliceDxOp } from './slice.js';
import { transpose } from './transpose.js';
import { transposedWindow } from './transposed_window.js';
import { checkVolumes, type Triple } from './window.js';

export interface Conv3dTransposeOptions {
  /** How many slices, rows and columns of the result lie between two of x; 1 by default. */
  strides?: Triple;
  /** 'valid' (default): size * stride + max(kernel - stride, 0); 'same': size * stride. */
  padding?: 'valid' | 'same';
  /** What is added behind, below and on the right, less than the strides. Default: as for `padding`. */
  outputPadding?: Triple;
  /** Distance between neighbouring elements of the kernel; 1 by default. */
  dilationRate?: Triple;
}

/**
 * The gradient of a convolution by its input: of x [batch, depth, rows, columns, channels] with
 * kernels weight [depth, rows, columns, filters, channels], both float32, volumes that a convolution
 * would make x's shape of. Sizes of the result are as in Keras.
 *
 * @returns [batch, out depth, out rows, out columns, filters]
 * @throws LugeError BAD_SHAPE when the channels differ, BAD_ARGUMENT for padding that does not fit.
 *
 * @example
 * ```ts
 * const x = tensor([1, 2]).reshape([1, 2, 1, 1, 1]);
 * const weight = tensor([1, 10]).reshape([2, 1, 1, 1, 1]);
 * ops.conv3dTranspose(x, weight, { strides: [2, 1, 1] }).reshape([4]); // => [1,10,2,20]
 * ```
 */
export const conv3dTranspose = defineOp(
  'conv3dTranspose',
  2,
  (x: Value, weight: Value, options: Conv3dTransposeOptions = {}): Value => {
    const name = 'conv3dTranspose';
    checkOptions(name, options, ['strides', 'padding', 'outputPadding', 'dilationRate']);
    const [n, d, h, w, c] = checkVolumes(name, x.shape);
    if (weight.rank !== 5 || weight.shape[4] !== c || weight.shape.includes(0)) {
      throw new LugeError(
        'BAD_SHAPE',
        `ops.${name}: expected a weight of shape [depth, rows, columns, filters, ${c}] for x with ` +
          `${c} channels, but got ${showShape(weight.shape)}.`,
      );
    }
    const [kd, kh, kw, filters] = weight.shape as [number, number, number, number, number];
    const { window, size } = transposedWindow(
      name,
      [d, h, w] as const,
      [kd, kh, kw] as const,
      options,
    );
    // Each slice of x gives one to each of the kernel's slices...
    const kernel = reshape(transpose(weight, [1, 2, 0, 3, 4]), [kh, kw, kd * filters, c]);
    const [stride, sh, sw] = window.strides;
    const [apart, dh, dw] = window.dilation;
    const { outputPadding: extra } = options;
    const images = conv2dTranspose(reshape(x, [n * d, h, w, c]), kernel, {
      strides: [sh, sw],
      dilationRate: [dh, dw],
      padding: options.padding ?? 'valid',
      ...(extra === undefined ? {} : { outputPadding: lastTwo(extra) }),
    });
    // ... which are added up where they fall.
    const [before] = window.pads;
    const [depth, rows, columns] = size;
    const reach = (d - 1) * stride + (kd - 1) * apart + 1;
    const shape = [n, Math.max(reach, before + depth), rows, columns, filters];
    const all = reshape(images, [n, d, rows, columns, kd, filters]);
    const fallen = Array.from({ length: kd }, (_, i) => {
      const piece = slice(all, [0, 0, 0, 0, i], [-1, -1, -1, -1, 1]);
      const dy = reshape(piece, [n, d, rows, columns, filters]);
      const attrs = { begin: [0, i * apart, 0, 0, 0], strides: [1, stride, 1, 1, 1], shape };
      return dy.node.graph.add(sliceDxOp, [dy], attrs).output;
    });
    const sum = fallen.reduce((a, b) => add(a, b));
    return slice(sum, [0, before], [-1, depth]);
  },
);

function lastTwo(value: Triple): number | readonly [number, number] {
  return typeof value === 'number' ? value : [value[1], value[2]];
}
