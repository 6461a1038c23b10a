import type { Shape } from '../core/shape.js';
import type { Spec, Value } from '../graph/ir.js';
import { defineNative } from './native.js';

// Convolutions of stride 1 by Winograd's minimal filtering (Lavin and Gray 2016): of 3x3 with tiles of
// 2x2 or 4x4 outputs, of 5x5 with tiles of 2x2. Only lowering makes these, of `conv2d` and its
// gradients, so they need no gradients of their own.

/** Outputs of a tile on each side. */
export type WinogradTile = 2 | 4;

const float32 = (shape: Shape): Spec[] => [{ shape, dtype: 'float32' }];

/**
 * weight [kernel, kernel, c, groups * oc] -> [groups, points, c, oc rounded up to 16]; turned,
 * [groups, points, oc, c rounded up to 16] of the weight turned by 180 degrees.
 */
const winogradWeightOp = defineNative(
  'winograd_weight',
  ['weight', 'transformed', 'tile turned groups'],
  {
    infer: ([weight], attrs) => {
      const { tile, turned, groups } = attrs as { tile: number; turned: boolean; groups: number };
      const [kernel, , c, columns] = (weight as Spec).shape as [number, number, number, number];
      const oc = columns / groups;
      const [depth, filters] = turned ? [oc, c] : [c, oc];
      return float32([groups, (tile + kernel - 1) ** 2, depth, Math.ceil(filters / 16) * 16]);
    },
    words: ({ attrs: { tile, turned, groups } }) => [
      tile as number,
      Number(turned),
      groups as number,
    ],
  },
);

const window = 'tile pad_top pad_left';
const rules = {
  infer: (_: readonly Spec[], { shape }: { shape?: unknown }) => float32(shape as Shape),
  words: ({ attrs: { tile, pads } }: { attrs: Record<string, unknown> }) => [
    tile as number,
    ...(pads as Shape),
  ],
};

/** x [n, h, w, c], transformed weight -> y [n, oh, ow, oc] */
const winogradConv2dOp = defineNative(
  'winograd_conv2d',
  ['x transformed operands...', 'y outputs...', `${window} program...`],
  rules,
);

/** x [n, h, w, c], dy [n, oh, ow, oc] -> dweight [kernel, kernel, c / groups, oc] */
const winogradDweightOp = defineNative('winograd_dweight', ['x dy', 'dweight', window], rules);

/** The convolution of x with a weight, or with `turned` the gradient by its input. */
export function winogradConv2d(
  x: Value,
  weight: Value,
  attrs: { tile: WinogradTile; pads: Shape; shape: Shape; turned: boolean; groups: number },
): Value {
  const { tile, turned, groups, pads, shape } = attrs;
  const { graph } = x.node;
  const transformed = graph.add(winogradWeightOp, [weight], { tile, turned, groups }).output;
  return graph.add(winogradConv2dOp, [x, transformed], { tile, pads, shape }).output;
}

/** The gradient by the weight. */
export function winogradDweight(
  x: Value,
  dy: Value,
  attrs: { tile: WinogradTile; pads: Shape; shape: Shape },
): Value {
  return x.node.graph.add(winogradDweightOp, [x, dy], attrs).output;
}
