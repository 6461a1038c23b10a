import { gradients } from '../compile/autodiff.js';
import type { Constraint } from '../constraints/index.js';
import { LugeError } from '../core/errors.js';
import { sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import type { Variable } from '../core/variable.js';
import { Graph, type Spec, type Value } from '../graph/ir.js';
import type { Loss } from '../losses/loss.js';
import { TensorLoss } from '../losses/tensor_loss.js';
import { MeanTally, SumTally } from '../metrics/tally.js';
import { TensorMetric } from '../metrics/tensor_metric.js';
import { augment } from '../ops/augment.js';
import type { AugmentOptions } from '../ops/augment_options.js';
import { add, greater, multiply } from '../ops/binary.js';
import { cast } from '../ops/cast.js';
import { withGraph } from '../ops/define.js';
import { argmax, sum } from '../ops/reduce.js';
import { reshape } from '../ops/reshape.js';
import type { Optimizer } from '../optimizers/optimizer.js';
import type { Head } from './compiled.js';
import { addConstraints } from './constrain.js';
import { type Drawing, lower } from './lower.js';
import { addOptimizerStep } from './optimizer_step.js';
import type { ReportItem } from './report.js';
import { fedLoss, lossTally, refuseWeights, TotalLossTally, tensorHeads } from './tensor_losses.js';

/** The rows that a step takes. */
export interface StepSpec {
  readonly batch: number;
  readonly x: readonly Spec[];
  readonly y: readonly Spec[];
  /** Which outputs have sample weights. */
  readonly weighted: readonly boolean[];
  /** How the images of the first input are changed before anything else. */
  readonly augment?: AugmentOptions | undefined;
}

/** What a step is made of. */
export interface StepModel {
  readonly drawing: Drawing;
  readonly trainableWeights: readonly Variable[];
  regularizationLosses(): Value[];
  constraints(): ReadonlyMap<Variable, Constraint>;
}

export interface ReportingStep {
  readonly graph: Graph;
  readonly report: readonly ReportItem[];
  /** The optimizer's scalars, feeds behind those of the data. */
  readonly scalars: readonly string[];
}

/** Forward, loss, gradients and update: one training step. Feeds: x, y, weights, scalars. */
export function trainGraph(
  model: StepModel,
  heads: readonly Head[],
  optimizer: Optimizer,
  spec: StepSpec,
): ReportingStep {
  const graph = new Graph();
  return withGraph(graph, () => {
    const { loss, report } = addReport(graph, model, heads, spec, true);
    const scalars = Object.keys(optimizer.stepScalars(optimizer.iterations));
    const values = Object.fromEntries(
      scalars.map((name) => [name, graph.feed({ shape: [], dtype: 'float32' })]),
    );
    const weights = model.trainableWeights.filter(({ dtype }) => dtype === 'float32');
    const { lossScale } = optimizer.settings;
    const found = gradients(
      lossScale === undefined ? loss : multiply(loss, lossScale),
      weights.map((weight) => graph.read(weight)),
    );
    // Weights that the loss does not depend on stay as they are.
    const known = weights.flatMap((weight, i): [Variable, Value][] => {
      const gradient = found[i];
      return gradient === undefined ? [] : [[weight, gradient]];
    });
    graph.within(optimizer.name, () => addOptimizerStep(graph, optimizer, new Map(known), values));
    graph.within('constraints', () => addConstraints(graph, model.constraints()));
    return { graph, report, scalars };
  });
}

/**
 * Forward as in training, to labels and predictions of the outputs whose losses JavaScript computes.
 * Feeds: x, y, weights.
 */
export function aheadGraph(model: StepModel, heads: readonly Head[], spec: StepSpec): Graph {
  const graph = new Graph();
  return withGraph(graph, () => {
    const { x, y } = feedData(graph, spec);
    const outputs = lower(model.drawing, x, { training: true });
    for (const { yTrue, yPred } of tensorHeads(heads, y, outputs)) {
      graph.result(yTrue);
      graph.result(yPred);
    }
    // The step itself moves running statistics.
    graph.updates.length = 0;
    return graph;
  });
}

/** Forward, loss and metrics. Feeds: x, y, weights. */
export function testGraph(model: StepModel, heads: readonly Head[], spec: StepSpec): ReportingStep {
  const graph = new Graph();
  return withGraph(graph, () => {
    const { report } = addReport(graph, model, heads, spec, false);
    return { graph, report, scalars: [] };
  });
}

/** Forward only; the results are the outputs, or the classes that they mean. Feeds: x. */
export function predictGraph(model: StepModel, spec: StepSpec, classes: boolean): Graph {
  const graph = new Graph();
  return withGraph(graph, () => {
    const fed = spec.x.map((row) => graph.feed(batched(row, spec.batch), true));
    const x =
      spec.augment === undefined ? fed : [augment(fed[0] as Value, spec.augment), ...fed.slice(1)];
    for (const output of lower(model.drawing, x, { training: false })) {
      graph.result(classes ? classOf(output) : output);
    }
    return graph;
  });
}

/** [batch, ..., n] to the place of the largest; [batch, ..., 1] to whether it is above a half. */
export function classOf(output: Value): Value;
export function classOf(output: Tensor): Tensor;
export function classOf(output: Value | Tensor): Value | Tensor {
  if (output.rank >= 2 && output.shape.at(-1) !== 1) return argmax(output, -1);
  const above = cast(greater(output, 0.5), 'int32');
  return output.rank < 2 ? above : reshape(above, output.shape.slice(0, -1));
}

function addReport(
  graph: Graph,
  model: StepModel,
  heads: readonly Head[],
  spec: StepSpec,
  training: boolean,
): { loss: Value; report: ReportItem[] } {
  const { x, y, weights } = feedData(graph, spec);
  const outputs = lower(model.drawing, x, { training });
  const report: ReportItem[] = [];
  const ask = (key: string, given: readonly Value[], tally: ReportItem['tally']) => {
    for (const value of given) graph.result(value);
    report.push({ key, given, tally });
  };
  // Outside of training, JavaScript computes its losses behind the steps.
  const behind = training ? [] : tensorHeads(heads, y, outputs);
  const parts = graph.within('loss', () =>
    heads.map(({ loss }, i): Value | undefined => {
      const [yTrue, yPred, weight] = [y[i] as Value, outputs[i] as Value, weights[i]];
      if (!(loss instanceof TensorLoss)) return meanLoss(loss, yTrue, yPred, weight, spec.batch);
      refuseWeights(loss, weight);
      return training ? fedLoss(yPred) : undefined;
    }),
  );
  const scaled = parts.flatMap((part, i) => {
    const { lossWeight } = heads[i] as Head;
    if (part === undefined) return [];
    return [lossWeight === 1 ? part : multiply(part, lossWeight)];
  });
  const loss = graph.within('loss', () => {
    const all = [...scaled, ...model.regularizationLosses(), ...graph.losses];
    return all.length === 0 ? graph.constant(0) : all.reduce(add2);
  });
  if (behind.length === 0) ask('loss', [loss], () => new MeanTally());
  else {
    const given = behind.flatMap(({ yTrue, yPred }) => [yTrue, yPred]);
    ask('loss', [loss, ...given], () => new TotalLossTally(behind));
  }
  if (heads.length > 1) {
    heads.forEach(({ output }, i) => {
      const key = `${output}_loss`;
      const own = behind.find((head) => head.output === output);
      if (own === undefined) ask(key, [parts[i] as Value], () => new MeanTally());
      else ask(key, [own.yTrue, own.yPred], () => lossTally(own));
    });
  }
  graph.within('metrics', () => {
    heads.forEach(({ metrics }, i) => {
      const [yTrue, yPred] = [y[i] as Value, outputs[i] as Value];
      for (const { key, metric } of metrics) {
        if (metric instanceof TensorMetric) {
          ask(key, [yTrue, yPred], () => metric.tally([yTrue, yPred]));
        } else {
          const sums = cast(metric.update(yTrue, yPred), 'float32');
          ask(key, [sums], () => new SumTally(metric, sizeOf(sums.shape)));
        }
      }
    });
  });
  return { loss, report };
}

/** The rows that a step takes, in the order in which they are fed. */
function feedData(graph: Graph, spec: StepSpec) {
  const feed = (row: Spec) => graph.feed(batched(row, spec.batch), true);
  const x = spec.x.map(feed);
  const y = spec.y.map(feed);
  const weights = spec.weighted.map((is) =>
    is ? feed({ shape: [], dtype: 'float32' }) : undefined,
  );
  return { x, y, weights };
}

/** The mean over the batch of each sample's loss times its weight, []. */
function meanLoss(
  loss: Loss,
  yTrue: Value,
  yPred: Value,
  weight: Value | undefined,
  batch: number,
): Value {
  const losses = loss.perSample(yTrue, yPred);
  if (losses.dtype !== 'float32') {
    throw new LugeError(
      'BAD_DTYPE',
      `Loss '${loss.name}': expected float32 values, but got ${losses.dtype}.`,
    );
  }
  return multiply(sum(weight === undefined ? losses : multiply(losses, weight)), 1 / batch);
}

function add2(a: Value, b: Value): Value {
  return add(a, b);
}

function batched({ shape, dtype }: Spec, batch: number): Spec {
  return { shape: [batch, ...shape], dtype };
}
