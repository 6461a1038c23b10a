import type { Shape } from '../core/shape.js';
import type { Spec, Value } from '../graph/ir.js';
import { defineNative } from './native.js';

// Convolutions of stride 1 by Winograd's minimal filtering (Lavin and Gray 2016): of 3x3 with tiles of
// 2x2 or 4x4 outputs, of 5x5 with tiles of 2x2. Only lowering makes these, of `conv2d` and its
// gradients, so they need no gradients of their own.

/** Outputs of a tile on each side. */
export type WinogradTile = 2 | 4;

const float32 = (shape: Shape): Spec[] => [{ shape, dtype: 'float32' }];

/** Groups, each of several parts that are multiplied as one, with zeros from part to part. */
export interface WinogradGroups {
  readonly groups: number;
  readonly parts: number;
}

/**
 * weight [kernel, kernel, c / parts, groups * oc] -> [groups, points, c, oc rounded up to 16];
 * turned, [groups, points, oc, c rounded up to 16] of the weight turned by 180 degrees.
 */
const winogradWeightOp = defineNative(
  'winograd_weight',
  ['weight', 'transformed', 'tile turned groups parts'],
  {
    infer: ([weight], attrs) => {
      const { tile, turned, groups, parts } = attrs as unknown as WinogradGroups & {
        tile: number;
        turned: boolean;
      };
      const [kernel, , rows, columns] = (weight as Spec).shape as [number, number, number, number];
      const [c, oc] = [rows * parts, columns / groups];
      const [depth, filters] = turned ? [oc, c] : [c, oc];
      return float32([groups, (tile + kernel - 1) ** 2, depth, Math.ceil(filters / 16) * 16]);
    },
    words: ({ attrs: { tile, turned, groups, parts } }) => [
      tile as number,
      Number(turned),
      groups as number,
      parts as number,
    ],
  },
);

const window = 'tile pad_top pad_left';
const infer = (_: readonly Spec[], { shape }: { shape?: unknown }) => float32(shape as Shape);
const windowWords = ({ tile, pads }: Record<string, unknown>) => [
  tile as number,
  ...(pads as Shape),
];

/** x [n, h, w, c], transformed weight -> y [n, oh, ow, oc] */
const winogradConv2dOp = defineNative(
  'winograd_conv2d',
  ['x transformed operands...', 'y outputs...', `${window} program...`],
  { infer, words: ({ attrs }) => windowWords(attrs) },
);

/** x [n, h, w, c], dy [n, oh, ow, oc] -> dweight [kernel, kernel, c / groups / parts, oc] */
const winogradDweightOp = defineNative('winograd_dweight', ['x dy', 'dweight', `${window} parts`], {
  infer,
  words: ({ attrs }) => [...windowWords(attrs), attrs.parts as number],
});

/** The convolution of x with a weight, or with `turned` the gradient by its input. */
export function winogradConv2d(
  x: Value,
  weight: Value,
  attrs: WinogradGroups & { tile: WinogradTile; pads: Shape; shape: Shape; turned: boolean },
): Value {
  const { tile, turned, groups, parts, pads, shape } = attrs;
  const { graph } = x.node;
  const packing = { tile, turned, groups, parts };
  const transformed = graph.add(winogradWeightOp, [weight], packing).output;
  return graph.add(winogradConv2dOp, [x, transformed], { tile, pads, shape }).output;
}

/** The gradient by the weight. */
export function winogradDweight(
  x: Value,
  dy: Value,
  attrs: { tile: WinogradTile; pads: Shape; shape: Shape; parts: number },
): Value {
  return x.node.graph.add(winogradDweightOp, [x, dy], attrs).output;
}
