import { newArray, type TypedArray } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { sizeOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import type { Spec, Value } from '../graph/ir.js';
import { TensorLoss } from '../losses/tensor_loss.js';
import { MeanTally, type Tally, type TallyState } from '../metrics/tally.js';
import { BatchTally } from '../metrics/tensor_metric.js';
import { add, multiply, subtract } from '../ops/binary.js';
import { sum } from '../ops/reduce.js';
import { stopGradient } from '../ops/stop_gradient.js';
import type { RunOptions } from '../runtime/program.js';
import type { Head } from './compiled.js';
import type { StepProgram } from './step_program.js';

// Losses in plain JavaScript. No step calls back into it, so one with such a loss is run in two
// programs: the first gives labels and predictions, JavaScript computes the losses and their gradients,
// and the second, the training step, takes them as feeds. Random operations draw the same in both.

/** An output with such a loss. */
export interface TensorHead {
  readonly output: string;
  readonly loss: TensorLoss;
  readonly weight: number;
  readonly yTrue: Value;
  readonly yPred: Value;
}

/** The outputs with such a loss. */
export function tensorHeads(
  heads: readonly Head[],
  y: readonly Value[],
  outputs: readonly Value[],
): TensorHead[] {
  return heads.flatMap(({ output, loss, lossWeight: weight }, i) =>
    loss instanceof TensorLoss
      ? [{ output, loss, weight, yTrue: y[i] as Value, yPred: outputs[i] as Value }]
      : [],
  );
}

/** Throws UNSUPPORTED for sample weights. */
export function refuseWeights({ name }: TensorLoss, weight: Value | undefined): void {
  if (weight === undefined) return;
  throw new LugeError(
    'UNSUPPORTED',
    `Loss '${name}' is one number for a whole batch, which sample or class weights cannot divide. ` +
      'Weigh the samples in the function itself, or write the loss with ops.',
  );
}

/** The loss as it is fed, with the gradient by the predictions that is fed as well. */
export function fedLoss(yPred: Value): Value {
  const { graph } = yPred.node;
  const value = graph.feed({ shape: [], dtype: 'float32' });
  const slope = sum(multiply(yPred, graph.feed({ shape: yPred.shape, dtype: 'float32' })));
  // The slope counts in the gradient alone: less itself it is 0.
  return add(value, subtract(slope, stopGradient(slope)));
}

/** The total loss outside of training: the other losses [], and those that JavaScript computes. */
export class TotalLossTally implements Tally {
  private readonly rest = new MeanTally();
  private readonly parts: readonly { weight: number; tally: BatchTally }[];

  constructor(heads: readonly TensorHead[]) {
    this.parts = heads.map((head) => ({ weight: head.weight, tally: lossTally(head) }));
  }

  add([rest, ...given]: readonly TypedArray[], steps: number, batch: number): void {
    this.rest.add([rest as TypedArray], steps, batch);
    this.parts.forEach(({ tally }, i) => {
      tally.add(given.slice(2 * i, 2 * i + 2), steps, batch);
    });
  }

  value(): number {
    return this.parts.reduce(
      (total, { weight, tally }) => total + weight * tally.value(),
      this.rest.value(),
    );
  }

  get state(): TallyState {
    return [this.rest, ...this.parts.map(({ tally }) => tally)].flatMap(({ state }) => state);
  }

  set state(state: TallyState) {
    this.rest.state = state.slice(0, 1);
    this.parts.forEach(({ tally }, i) => {
      tally.state = state.slice(i + 1, i + 2);
    });
  }
}

/** The mean of such a loss over batches. */
export function lossTally({ loss, yTrue, yPred }: TensorHead): BatchTally {
  return new BatchTally([yTrue, yPred], (labels, predictions) => loss.value(labels, predictions));
}

/** What runs before a training step: a program that gives labels and predictions, and the losses. */
export interface StepAhead {
  readonly program: StepProgram;
  readonly losses: readonly TensorLoss[];
}

/** The run of one training step, with losses and gradients behind the `data` first feeds. */
export async function runAhead<R extends RunOptions>(
  { program, losses }: StepAhead,
  run: R,
  data: number,
): Promise<R> {
  const { outputs } = program;
  const results = outputs.map(({ dtype, shape }) => newArray(dtype, sizeOf(shape)));
  const feeds = run.feeds.slice(0, data);
  await program.program.run({ ...run, feeds, results });
  const tensors = results.map((array, i) => new Tensor(array, (outputs[i] as Spec).shape));
  const given = losses.flatMap((loss, i) => {
    const [yTrue, yPred] = tensors.slice(2 * i, 2 * i + 2) as [Tensor, Tensor];
    return [Float32Array.of(loss.value(yTrue, yPred)), loss.gradient(yTrue, yPred)];
  });
  return { ...run, feeds: [...feeds, ...given, ...run.feeds.slice(data)] };
}
