import { LugeError } from '../core/errors.js';
import { checkChoice } from '../core/options.js';
import { sameShape, showShape } from '../core/shape.js';
import {
  dtypeCode,
  dtypeFromCode,
  type Node,
  type OpDef,
  type Spec,
  type Value,
} from '../graph/ir.js';
import { broadcastTo } from './broadcast.js';
import { cast } from './cast.js';
import { applyOp, type Operand, type Out } from './define.js';
import { defineNative, floatWord } from './native.js';
import { checkFinite, checkOptions } from './options.js';

/** What lies beyond the edge of an image [a b c d]; the first is as in native/kernels/warp_images.h. */
export const fillModes = ['constant', 'nearest', 'reflect', 'wrap'] as const;
export type FillMode = (typeof fillModes)[number];

/** How pixels are read between and beyond those of an image. */
export interface SamplingOptions {
  /** 'bilinear' (default): between the four pixels around a place; 'nearest': the nearest one. */
  interpolation?: 'bilinear' | 'nearest';
  /**
   * What lies beyond the edge of an image [a b c d]: 'reflect' (default) d c b a, 'nearest' d d d d,
   * 'wrap' a b c d, or 'constant' the fill value.
   */
  fillMode?: FillMode;
  /** Beyond the edges with fillMode 'constant'. Default 0. */
  fillValue?: number;
}

export interface WarpImagesOptions extends SamplingOptions {
  /** How far each place moves, in pixels along columns and along rows: float32 [n, 2, h, w]. */
  displacements?: Operand;
  /** 'uint8' keeps bytes, rounded; only for images of bytes. Default 'float32'. */
  dtype?: 'float32' | 'uint8';
}

const attrNames = 'bilinear fill value:f';
const words = ({ attrs }: Node) => [
  Number(attrs.bilinear),
  attrs.fill as number,
  floatWord(attrs.value as number),
];

/** x [n, h, w, c], transforms [n, 6], perhaps displacements [n, 2, h, w] -> y [n, h, w, c] */
const warpOp = defineNative('warp_images', ['x transforms displacements...', 'y', attrNames], {
  infer: ([x], { dtype }) => [{ shape: (x as Spec).shape, dtype: dtypeFromCode(dtype) }],
  vjp: (node, [dy]) => {
    if (dy === undefined || node.inputs[0]?.dtype !== 'float32') return [];
    return [node.graph.add(warpDxOp, [dy, ...node.inputs.slice(1)], node.attrs).output];
  },
  words,
});

const warpDxOp: OpDef = defineNative(
  'warp_images_dx',
  ['dy transforms displacements...', 'dx', attrNames],
  { infer: ([dy]) => [dy as Spec], words },
);

/**
 * Images looked at through affine maps: pixel (column c, row r) of the result is the image at
 *
 *     column  t0 c + t1 r + t2,    row  t3 c + t4 r + t5
 *
 * moved by the displacement of that pixel, if any, and interpolated between the pixels there. So a
 * transform leads from the result back to the image, as in Keras's `affine_transform` (whose last two
 * numbers, of a perspective, are left out). Differentiable by the images.
 *
 * @param x [n, h, w, channels], float32 or uint8
 * @param transforms [n, 6], or [6] for all images
 * @returns [n, h, w, channels], float32, or uint8 with `dtype: 'uint8'`
 * @throws LugeError BAD_SHAPE, BAD_DTYPE, UNKNOWN_NAME.
 *
 * @example
 * ```ts
 * const row = tensor([1, 2, 3, 4], [1, 1, 4, 1]);
 * const left = ops.warpImages(row, [1, 0, 1.5, 0, 1, 0], { fillMode: 'constant' });
 * left.reshape([4]); // => [2.5, 3.5, 2, 0]
 * ```
 */
export function warpImages<X extends Operand, T extends Operand>(
  x: X,
  transforms: T,
  options: WarpImagesOptions = {},
): Out<X | T> {
  checkOptions('warpImages', options, [
    ...['interpolation', 'fillMode', 'fillValue', 'displacements', 'dtype'],
  ]);
  const { displacements, dtype = 'float32', ...sampling } = options;
  const operands = [x, transforms, ...(displacements === undefined ? [] : [displacements])];
  const build = ([images, maps, moves]: Value[]) => [
    warp(images as Value, maps as Value, moves, dtype, sampling),
  ];
  return applyOp('warpImages', operands, build, { dtype, ...sampling })[0] as Out<X | T>;
}

function warp(
  x: Value,
  transforms: Value,
  displacements: Value | undefined,
  dtype: 'float32' | 'uint8',
  options: SamplingOptions,
): Value {
  const [n, h, w] = x.shape as [number, number, number];
  if (x.rank !== 4) {
    throw new LugeError(
      'BAD_SHAPE',
      `ops.warpImages: images must be [n, rows, columns, channels], but got ${showShape(x.shape)}.`,
    );
  }
  checkChoice('ops.warpImages: dtype', dtype, ['float32', 'uint8']);
  if (dtype === 'uint8' && x.dtype !== 'uint8') {
    throw new LugeError(
      'BAD_DTYPE',
      `ops.warpImages: only images of bytes can stay bytes, but x is ${x.dtype}.`,
    );
  }
  checkOperand('transforms', transforms, [n, 6], [6]);
  if (displacements !== undefined) checkOperand('displacements', displacements, [n, 2, h, w]);
  const maps = cast(transforms, 'float32');
  const all = maps.rank === 1 ? broadcastTo(maps, [n, 6]) : maps;
  const moves = displacements === undefined ? [] : [cast(displacements, 'float32')];
  const images = x.dtype === 'int32' ? cast(x, 'float32') : x;
  const attrs = { ...samplingAttrs(options), dtype: dtypeCode(dtype) };
  return x.node.graph.add(warpOp, [images, all, ...moves], attrs).output;
}

function samplingAttrs({ interpolation, fillMode, fillValue = 0 }: SamplingOptions) {
  const kind = checkChoice('interpolation', interpolation ?? 'bilinear', ['bilinear', 'nearest']);
  const fill = checkChoice('fillMode', fillMode ?? 'reflect', fillModes);
  checkFinite('warpImages', 'fillValue', fillValue);
  return { bilinear: kind === 'bilinear', fill: fillModes.indexOf(fill), value: fillValue };
}

function checkOperand(name: string, { shape }: Value, ...wanted: number[][]): void {
  if (wanted.some((each) => sameShape(shape, each))) return;
  throw new LugeError(
    'BAD_SHAPE',
    `ops.warpImages: ${name} must be ${wanted.map(showShape).join(' or ')}, but got ${showShape(shape)}.`,
  );
}
