import { checkOptions } from '../core/options.js';
import { type PartialShape, showShape } from '../core/shape.js';
import type { SymbolicTensor } from '../graph/symbolic.js';
import { Layer } from '../layers/layer.js';
import type { Model } from '../models/model.js';
import { Picture } from '../pictures/picture.js';
import { colors, element, text, textWidth } from '../pictures/svg.js';
import { group } from './confusion_table.js';
import { type Box, type Layout, layeredLayout } from './layered_layout.js';
import { checkModel } from './subjects.js';

export interface NetworkOptions {
  /** Default: the model's name. Empty for none. */
  title?: string | undefined;
}

/** A layer or operation of the picture. */
interface Node extends Box {
  readonly name: string;
  readonly kind: string;
  readonly shape: PartialShape;
  readonly params: number;
}

const kHeight = 44;
const kMargin = 24;
const kWeighted = '#e8f0fb';
const kPlain = '#f7f8fa';

/**
 * Draws a model as boxes and arrows, from its inputs at the top to its outputs at the bottom: each
 * layer with its class, the shape of its output and its number of parameters. A layer that is applied
 * twice has two boxes, and a model inside the model has one.
 *
 * @throws LugeError NOT_BUILT when the shape of the input is not known yet.
 * @example
 * ```ts
 * const m = sequential([layers.dense({ units: 3, name: 'hidden', inputShape: [4] })]);
 * plots.network(m).svg.includes('15 params'); // => true
 * ```
 */
export function network(model: Model, options: NetworkOptions = {}): Picture {
  checkOptions('plots.network', options, ['title']);
  const nodes = nodesOf(checkModel('plots.network', model));
  const layout = layeredLayout(nodes);
  const title = options.title ?? model.name;
  const top = kMargin + (title ? 28 : 0);
  const width = Math.max(layout.width, textWidth(title, 16)) + 2 * kMargin;
  const left = (width - layout.width) / 2;
  const parts = [
    ...(title ? [text([kMargin, 34], title, { 'font-size': 15, 'font-weight': 'bold' })] : []),
    element(
      'g',
      { transform: `translate(${left} ${top})` },
      ...layout.arrows.map(drawArrow),
      ...nodes.map((node, i) => drawNode(node, layout.centers[i] as { x: number; y: number })),
    ),
  ];
  return new Picture(width, top + layout.height + kMargin, `Model ${model.name}`, parts);
}

/** Inputs first, then the calls in an order in which each comes behind those that lead to it. */
function nodesOf(model: Model): Node[] {
  const { inputs, calls } = model.drawing;
  const places = new Map<SymbolicTensor, number>(inputs.map((tensor, i) => [tensor, i]));
  const entries = inputs.map((tensor) => nodeOf(tensor.name, 'Input', tensor.shape, 0, []));
  const rest = calls.map(({ name, layer, inputs: from, outputs }, i) => {
    for (const tensor of outputs) places.set(tensor, inputs.length + i);
    const sources = from.map((tensor) => places.get(tensor) as number);
    const [{ shape }] = outputs as readonly [SymbolicTensor];
    if (!(layer instanceof Layer)) return nodeOf(name, 'operation', shape, 0, sources);
    return nodeOf(layer.name, layer.className, shape, layer.countParams(), sources);
  });
  return [...entries, ...rest];
}

function nodeOf(
  name: string,
  kind: string,
  shape: PartialShape,
  params: number,
  from: readonly number[],
): Node {
  const node = { name, kind, shape, params, from, height: kHeight };
  const widths = [
    textWidth(name, 13) * 1.1 + 16 + textWidth(kind, 11),
    textWidth(detailOf(node), 11),
  ];
  return { ...node, width: Math.max(...widths, 100) + 20 };
}

function detailOf({ shape, params }: Pick<Node, 'shape' | 'params'>): string {
  return showShape(shape) + (params > 0 ? ` · ${group(params)} params` : '');
}

function drawNode(node: Node, { x, y }: { x: number; y: number }): string {
  const { name, kind, width, height, params } = node;
  const [left, top] = [x - width / 2, y - height / 2];
  return element(
    'g',
    {},
    element('rect', {
      x: left,
      y: top,
      width,
      height,
      rx: 5,
      fill: params > 0 ? kWeighted : kPlain,
      stroke: params > 0 ? colors.blue : colors.muted,
    }),
    text([left + 10, top + 18], name, { 'font-size': 13, 'font-weight': 'bold' }),
    text([left + width - 10, top + 18], kind, {
      'font-size': 11,
      'text-anchor': 'end',
      fill: colors.muted,
    }),
    text([left + 10, top + 35], detailOf(node), { 'font-size': 11, fill: colors.muted }),
  );
}

/** A smooth line from point to point, always down, with a head at its end. */
function drawArrow(way: Layout['arrows'][number]): string {
  const [first, ...rest] = way as [{ x: number; y: number }, ...{ x: number; y: number }[]];
  const end = way.at(-1) as { x: number; y: number };
  const points = rest.map((to, i) => {
    const from = way[i] as { x: number; y: number };
    const y = to === end ? to.y - 5 : to.y;
    const middle = (from.y + y) / 2;
    return `C${show(from.x)} ${show(middle)} ${show(to.x)} ${show(middle)} ${show(to.x)} ${show(y)}`;
  });
  return element(
    'g',
    {},
    element('path', {
      d: `M${show(first.x)} ${show(first.y)}${points.join('')}`,
      fill: 'none',
      stroke: colors.muted,
      'stroke-width': 1.2,
    }),
    element('path', {
      d: `M${show(end.x)} ${show(end.y)}l-4 -7h8z`,
      fill: colors.muted,
    }),
  );
}

const show = (value: number) => `${Math.round(value * 100) / 100}`;
