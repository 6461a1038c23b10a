import { LugeError } from '../core/errors.js';
import { type Shape, showShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { stack } from './concat.js';
import { conv2d } from './conv2d.js';
import { defineOp } from './define.js';
import { checkOptions } from './options.js';
import { pad } from './pad.js';
import { reshape } from './reshape.js';
import { slice } from './slice.js';
import { transpose } from './transpose.js';
import { checkVolumes, slideWindow, type Triple, type Window } from './window.js';

export interface Conv3dOptions {
  /** Step from one position to the next; 1 by default. */
  strides?: Triple;
  /** 'valid' by default. */
  padding?: 'valid' | 'same';
  /** Distance between neighbouring elements of the kernel; 1 by default. */
  dilationRate?: Triple;
  /** The channels are split into so many groups, each with filters of its own; 1 by default. */
  groups?: number;
}

/**
 * Convolution of volumes x [batch, depth, rows, columns, channels] with kernels
 * weight [depth, rows, columns, channels / groups, filters], both float32 (cross-correlation, as in
 * Keras): y[n, o, p, q, f] = sum over i, j, k, c of x[n, o * s + i, p * s + j, q * s + k, c] *
 * weight[i, j, k, c, f].
 *
 * It is one convolution of images, whose channels are those of all slices that the kernel covers.
 *
 * @returns [batch, out depth, out rows, out columns, filters]
 * @throws LugeError BAD_SHAPE when the channels differ or the kernel does not fit, BAD_ARGUMENT for
 *   groups that do not divide channels and filters.
 *
 * @example
 * ```ts
 * const x = tensor([1, 2, 3, 4]).reshape([1, 4, 1, 1, 1]);
 * const weight = tensor([1, 10]).reshape([2, 1, 1, 1, 1]);
 * ops.conv3d(x, weight).reshape([3]); // => [21,32,43]
 * ```
 */
export const conv3d = defineOp(
  'conv3d',
  2,
  (x: Value, weight: Value, options: Conv3dOptions = {}): Value => {
    const name = 'conv3d';
    checkOptions(name, options, ['strides', 'padding', 'dilationRate', 'groups']);
    const { groups = 1, padding = 'valid', strides = 1, dilationRate = 1 } = options;
    const [n, d, h, w, c] = checkVolumes(name, x.shape);
    checkWeight(weight.shape, c, groups);
    const [kd, kh, kw, depth, filters] = weight.shape as [number, number, number, number, number];
    const window = slideWindow(name, [d, h, w] as const, [kd, kh, kw] as const, {
      strides,
      padding,
      dilation: dilationRate,
    });
    const [od, oh, ow] = window.out;
    // Of each place: group by group, slice by slice, the channels.
    const slices = coveredSlices(x, kd, window).map((met) =>
      reshape(met, [n * od, h, w, groups, depth]),
    );
    const images = reshape(stack(slices, 4), [n * od, h, w, kd * c]);
    const kernel = reshape(transpose(weight, [1, 2, 0, 3, 4]), [kh, kw, kd * depth, filters]);
    const [, sh, sw] = window.strides;
    const [, dh, dw] = window.dilation;
    const y = conv2d(images, kernel, {
      strides: [sh, sw],
      dilationRate: [dh, dw],
      padding,
      groups,
    });
    return reshape(y, [n, od, oh, ow, filters]);
  },
);

/** For each slice of a kernel `kd` deep, those of x that it meets on its way: [n, od, h, w, c]. */
function coveredSlices(
  x: Value,
  kd: number,
  { strides, dilation, pads, out }: Window<readonly [number, number, number]>,
): Value[] {
  const [stride, apart, before, count] = [strides[0], dilation[0], pads[0], out[0]];
  const depth = x.shape[1] as number;
  const after = Math.max((count - 1) * stride + (kd - 1) * apart + 1 - depth - before, 0);
  const padded = pad(x, [[0, 0], [before, after], ...x.shape.slice(2).map(() => [0, 0] as const)]);
  return Array.from({ length: kd }, (_, i) =>
    slice(padded, [0, i * apart], [-1, count], [1, stride]),
  );
}

/** Throws when the weight does not fit the channels and groups. */
function checkWeight(shape: Shape, channels: number, groups: number): void {
  const fits = shape.length === 5 && !shape.includes(0) && shape[3] === channels / groups;
  const divides = (count: number) => Number.isSafeInteger(groups) && count % groups === 0;
  if (groups < 1 || !divides(channels) || (fits && !divides(shape[4] as number))) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `ops.conv3d: groups must divide the ${channels} channels of x and the ${shape[4]} filters of the ` +
        `weight, but got ${groups}.`,
    );
  }
  if (fits) return;
  throw new LugeError(
    'BAD_SHAPE',
    `ops.conv3d: expected a weight of shape [depth, rows, columns, ${channels / groups}, filters] for ` +
      `x with ${channels} channels in ${groups} group${groups === 1 ? '' : 's'}, but got ` +
      `${showShape(shape)}.`,
  );
}
