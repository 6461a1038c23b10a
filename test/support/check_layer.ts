import { expect } from 'vitest';
import { gradients } from '../../lib/compile/autodiff.js';
import { LugeError } from '../../lib/core/errors.js';
import { type PartialShape, showShape, sizeOf } from '../../lib/core/shape.js';
import { Tensor } from '../../lib/core/tensor.js';
import { Variable } from '../../lib/core/variable.js';
import { Graph, type Value } from '../../lib/graph/ir.js';
import { type CallContext, SymbolicTensor } from '../../lib/graph/symbolic.js';
import { get, type Layer } from '../../lib/layers/index.js';
import { add, divide, multiply, subtract } from '../../lib/ops/binary.js';
import { toValue, withGraph } from '../../lib/ops/define.js';
import { mean, sum } from '../../lib/ops/reduce.js';
import { square } from '../../lib/ops/unary.js';
import { setThreads } from '../../lib/runtime/backend.js';
import { Program } from '../../lib/runtime/program.js';
import { checkOp, floats } from './check_op.js';
import type { Real } from './op_reference.js';

export interface LayerCase {
  layer: Layer;
  /** With the batch in front. */
  inputs: readonly Tensor[];
  /** Masks that the inputs carry. Default: none. */
  masks?: readonly (Tensor | undefined)[];
  /** What it computes, in float64; `weights` in the order of the layer's. */
  reference: (inputs: Real[], weights: Real[]) => Real;
  /** How it is run. Default: not in training. */
  training?: boolean;
  /** Weights are drawn from [low, high). Default [-1, 1). */
  weights?: { low: number; high: number };
  /** Roundings on the way to one element, and the largest number on the way, as in `checkOp`. */
  length?: number;
  magnitude?: number;
  /** Inputs that it must refuse (batch in front), and what the error tells beside its name. */
  bad?: readonly (readonly [inputs: readonly PartialShape[], message: RegExp])[];
}

/**
 * Everything that must hold for a layer: bad input is refused by name and changes nothing; its
 * settings make an equal layer; the shape that it announces is the real one; result and gradients by
 * each input and weight are those of a float64 reference, with any plan, fusion and threads; and a
 * step of training lowers the loss.
 */
export function checkLayer(test: LayerCase): void {
  const { layer, inputs, masks, training = false } = test;
  const context: CallContext = { training };
  const open = inputs.map(({ shape }) => [null, ...shape.slice(1)]);
  const announced = applyTo(layer, open, masks);
  expect(layer.built).toBe(true);
  layer.setWeights(
    layer.weights.map(({ shape }, i) =>
      floats(shape, { low: -1, high: 1, ...test.weights, seed: i + 3 }),
    ),
  );
  checkRefusals(test);
  checkReference(test, context);
  checkConfig(test, context, announced.shape);
  checkTraining(test, context);
}

function applyTo(
  layer: Layer,
  shapes: readonly PartialShape[],
  masks: LayerCase['masks'] = [],
): SymbolicTensor {
  const tensors = shapes.map((shape, i) => {
    const maskShape = masks[i] && shape.slice(0, masks[i].shape.length);
    return new SymbolicTensor(shape, 'float32', `input_${i}`, maskShape);
  });
  return layer.apply<SymbolicTensor>(
    tensors.length === 1 ? (tensors[0] as SymbolicTensor) : tensors,
  );
}

function withMasks(values: readonly Value[], masks: LayerCase['masks'] = []): Value[] {
  return values.map((value, i) =>
    masks[i] === undefined ? value : value.withMask(toValue(value.node.graph, masks[i])),
  );
}

function checkRefusals({ layer, bad = [] }: LayerCase): void {
  const before = layer.getWeights();
  for (const [shapes, message] of bad) {
    const caught = errorOf(() => applyTo(layer, shapes));
    expect(caught, `inputs ${shapes.map(showShape)}`).toBeInstanceOf(LugeError);
    expect(caught?.message).toContain(`Layer '${layer.name}' (${layer.className})`);
    expect(caught?.message).toMatch(message);
  }
  expect(layer.getWeights()).toEqual(before);
}

function errorOf(body: () => unknown): Error | undefined {
  try {
    body();
  } catch (error) {
    return error as Error;
  }
  return undefined;
}

/** As an operation on its inputs and weights, which the graph is told to read from feeds. */
function checkReference(
  { layer, inputs, masks, reference, ...test }: LayerCase,
  context: CallContext,
): void {
  // In training, running statistics are written but not read.
  const weights = context.training ? layer.trainableWeights : layer.weights;
  const { length, magnitude } = test;
  checkOp({
    inputs: [...inputs, ...weights.map((weight) => weight.value)],
    op: (...values: Value[]) => {
      const { graph } = (values[0] as Value).node;
      const { reads } = graph as unknown as { reads: Map<Variable, Value> };
      weights.forEach((weight, i) => {
        reads.set(weight, values[inputs.length + i] as Value);
      });
      const given = withMasks(values.slice(0, inputs.length), masks);
      return (layer.invoke(given, context)[0] as Value).bare;
    },
    reference: (...xs) => reference(xs.slice(0, inputs.length), xs.slice(inputs.length)),
    atOnce: false,
    ...(length === undefined ? {} : { length }),
    ...(magnitude === undefined ? {} : { magnitude }),
  });
}

/** A layer made from the settings, by way of text, gives the same result from the same weights. */
function checkConfig(
  { layer, inputs, masks }: LayerCase,
  context: CallContext,
  shape: PartialShape,
): void {
  const config = JSON.parse(JSON.stringify(layer.getConfig()));
  const copy = get({ class_name: layer.className, config });
  expect(copy.getConfig()).toEqual(layer.getConfig());
  expect(copy.built && copy.weights.length > 0, 'a copy has no weights yet').toBe(false);
  const made = applyTo(
    copy,
    inputs.map((input) => [null, ...input.shape.slice(1)]),
    masks,
  );
  expect(made.shape).toEqual(shape);
  copy.setWeights(layer.getWeights());
  const [expected, actual] = [layer, copy].map((one) => forward(one, { inputs, masks }, context));
  expect(actual).toEqual(expected);
  expect([null, ...(expected as Tensor).shape.slice(1)]).toEqual(shape);
}

function forward(
  layer: Layer,
  { inputs, masks }: Pick<LayerCase, 'inputs' | 'masks'>,
  context: CallContext,
): Tensor {
  const graph = new Graph();
  const fed = inputs.map((input) => graph.feed(input));
  const values = withMasks(fed, masks);
  const y = layer.invoke(values, context)[0] as Value;
  graph.result(y);
  const data = new Float32Array(sizeOf(y.shape));
  run(graph, inputs, data);
  return new Tensor(data, y.shape);
}

function run(graph: Graph, feeds: readonly Tensor[], result: Float32Array): void {
  new Program(graph).runSync({ steps: 1, feeds: feeds.map(({ data }) => data), results: [result] });
}

/**
 * Follows the gradient of the mean squared distance from random targets, so far that a straight line
 * would lose a tenth of it. The inputs are scaled by weights, so that there is something to train.
 */
function checkTraining({ layer, inputs, masks }: LayerCase, { training }: CallContext): void {
  setThreads(1);
  const graph = new Graph();
  const scales = inputs.map(({ shape }) => {
    const one = new Float32Array(sizeOf(shape.slice(1))).fill(1);
    return new Variable(new Tensor(one, shape.slice(1)), { name: 'scale' });
  });
  const feeds = [...inputs];
  withGraph(graph, () => {
    const scaled = inputs.map((input, i) => multiply(graph.feed(input), scales[i] as Variable));
    const values = withMasks(scaled, masks);
    const y = layer.invoke(values, { training })[0] as Value;
    const target = floats(y.shape, { seed: 11 });
    feeds.push(target);
    const loss = mean(square(subtract(y, graph.feed(target))));
    const weights = [...scales, ...layer.trainableWeights];
    const found = gradients(
      loss,
      weights.map((weight) => graph.read(weight)),
    ) as Value[];
    expect(found).not.toContain(undefined);
    const steepness = found.map((gradient) => sum(square(gradient))).reduce((a, b) => add(a, b));
    const rate = divide(multiply(0.1, loss), steepness);
    weights.forEach((weight, i) => {
      graph.update(weight, subtract(weight, multiply(rate, found[i] as Value)));
    });
    graph.result(loss);
  });
  const losses = new Float32Array(3);
  const program = new Program(graph);
  for (let step = 0; step < losses.length; step++) {
    // Always the first step of the same seed: what is random stays as it was.
    const results = [losses.subarray(step, step + 1)];
    program.runSync({ steps: 1, feeds: feeds.map(({ data }) => data), results });
  }
  expect([...losses], 'a step of training lowers the loss').toEqual(
    [...losses].sort((a, b) => b - a),
  );
  expect(losses[2]).toBeLessThan(losses[0] as number);
}
