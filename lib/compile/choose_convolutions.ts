import { type Shape, sizeOf } from '../core/shape.js';
import type { Graph, Node, Value } from '../graph/ir.js';
import { rewrite } from '../graph/rewrite.js';
import {
  type WinogradGroups,
  type WinogradTile,
  winogradConv2d,
  winogradDweight,
} from '../ops/winograd.js';

let enabled = true;

/**
 * Whether 3x3 and 5x5 convolutions may be computed by Winograd's algorithm, which multiplies up to 4
 * times less often and rounds two to four times as much as a sum of products. On by default; it holds for
 * what is built from now on.
 *
 * @example
 * ```ts
 * setWinograd(false); // for models that are built from now on
 * setWinograd(true);
 * ```
 */
export function setWinograd(enable: boolean): void {
  enabled = enable;
}

/** Whether Winograd's algorithm may be used. */
export function winograd(): boolean {
  return enabled;
}

/**
 * Replaces convolutions with kernels of one size by Winograd's where that takes less time.
 *
 * The choice depends on shapes alone, so it is the same on every machine: estimates from rates that
 * were measured on two cores with AVX-512, in nanoseconds, of which only the ratios matter.
 */
export function chooseConvolutions(graph: Graph, kernel: 3 | 5): Graph {
  return rewrite(graph, (node, inputs) => {
    const [a, b] = inputs as [Value, Value];
    const { shape, pads } = node.attrs as { shape: Shape; pads: Shape };
    const problem = problemOf(node);
    if (problem?.kernel !== kernel) return undefined;
    const tile = bestTile(problem);
    if (tile === undefined) return undefined;
    const { groups, parts } = together(problem);
    switch (node.op.name) {
      case 'conv2d':
        return [winogradConv2d(a, b, { tile, pads, shape, turned: false, groups, parts })];
      case 'conv2d_dx': {
        const around = pads.map((pad) => kernel - 1 - pad);
        return [winogradConv2d(a, b, { tile, pads: around, shape, turned: true, groups, parts })];
      }
      default:
        return [winogradDweight(a, b, { tile, pads, shape, parts })];
    }
  });
}

/** Of convolutions from `depth` to `filters` channels with so many outputs, in groups side by side. */
interface Problem {
  readonly kind: 'product' | 'dweight';
  /** Rows and columns of the kernel. */
  readonly kernel: number;
  /** Outputs [n, rows, columns]; those that were multiplied for the gradient by the weight. */
  readonly outputs: readonly [number, number, number];
  readonly groups: number;
  readonly depth: number;
  readonly filters: number;
  readonly turned: boolean;
}

/** What a node computes, when Winograd can compute it. */
function problemOf(node: Node): Problem | undefined {
  const { strides, dilation } = node.attrs as Record<string, Shape>;
  const groups = Number(node.attrs.groups);
  const kind = node.op.name;
  if (!['conv2d', 'conv2d_dx', 'conv2d_dweight'].includes(kind)) return undefined;
  const weight = kind === 'conv2d_dweight' ? node.output.shape : (node.inputs[1] as Value).shape;
  const [kh, kw, c, columns] = weight as [number, number, number, number];
  const oc = columns / groups;
  const plain = [...(strides as Shape), ...(dilation as Shape)];
  if (kh !== kw || plain.some((step) => step !== 1)) return undefined;
  const y = kind === 'conv2d_dweight' ? (node.inputs[1] as Value).shape : node.output.shape;
  const turned = kind === 'conv2d_dx';
  return {
    kind: kind === 'conv2d_dweight' ? 'dweight' : 'product',
    kernel: kh,
    outputs: y.slice(0, 3) as [number, number, number],
    groups,
    depth: turned ? oc : c,
    filters: turned ? c : oc,
    turned,
  };
}

/**
 * Whether a convolution and the max pooling of it, of shape `pooled`, take less time by minimal filtering
 * along lines: where the image has few channels, for which there are no tiles of squares, and lines
 * long enough to fill vectors with tiles of four outputs.
 */
export function prefersWinogradLines(conv: Node, pooled: Shape, window: Shape): boolean {
  const problem = problemOf(conv);
  return (
    problem?.kernel === 5 &&
    problem.groups === 1 &&
    problem.depth <= 4 &&
    problem.filters >= 4 &&
    (pooled[2] as number) >= 8 &&
    window.every((size) => size === 2)
  );
}

/** Two groups that fill half a vector each are multiplied as one. */
function together({ groups, depth, filters }: Problem): WinogradGroups {
  const parts = groups % 2 === 0 && depth <= 8 && filters <= 8 ? 2 : 1;
  return { groups: groups / parts, parts };
}

function bestTile(problem: Problem): WinogradTile | undefined {
  const { parts } = together(problem);
  // Smaller groups would leave lanes empty.
  if (problem.groups > 1 && parts * Math.min(problem.depth, problem.filters) < 16) return undefined;
  const direct = directTime(problem);
  const tiles: readonly WinogradTile[] = problem.kernel === 3 ? [2, 4] : [2];
  const times = tiles.map((tile) => [tile, winogradTime(problem, tile)] as const);
  const [tile, time] = times.reduce((a, b) => (b[1] < a[1] ? b : a));
  return time < direct ? tile : undefined;
}

/** Channels as they fill vectors of 16. */
const lanes = (channels: number) => Math.ceil(channels / 16) * 16;

function directTime({ kind, kernel, outputs, groups, depth, filters }: Problem): number {
  // A group takes a product of its own, or its pixels are laid out anew.
  const [product, dweight] = groups === 1 ? [175, 145] : [120, 100];
  const perNanosecond = kind === 'product' ? product : dweight;
  return (kernel ** 2 * sizeOf(outputs) * groups * depth * lanes(filters)) / perNanosecond;
}

function winogradTime(problem: Problem, tile: number): number {
  const { kind, kernel, outputs, turned } = problem;
  const { groups, parts } = together(problem);
  const [depth, filters] = [parts * problem.depth, parts * problem.filters];
  const [n, rows, columns] = outputs;
  const points = (tile + kernel - 1) ** 2;
  const tiles = n * Math.ceil(rows / tile) * Math.ceil(columns / tile);
  const products =
    (points * tiles * groups * depth * lanes(filters)) / (kind === 'product' ? 190 : 150);
  const transforms = 0.1 * points * tiles * (lanes(groups * depth) + lanes(groups * filters));
  // A transformed weight is written once and read once; so are the sums that a gradient is made of.
  // That of a group stays in the cache.
  const near = groups === 1 ? 1 : 0.5;
  const perWeight = kind === 'dweight' ? 0.15 : near * (turned ? 0.5 : 0.3);
  const start = kind === 'dweight' ? 60_000 : 10_000;
  return start + products + transforms + perWeight * points * groups * depth * filters;
}
