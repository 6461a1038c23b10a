import { LugeError } from '../core/errors.js';
import { showShape } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import type { SymbolicTensor } from '../graph/symbolic.js';
import { SparseCategoricalCrossentropy } from '../losses/crossentropy.js';
import type { AugmentOptions } from '../ops/augment_options.js';
import { type ClassWeight, checkLabels, weighClasses } from './labels.js';
import type { Model } from './model.js';
import {
  type ArrayLikeData,
  assign,
  describe,
  type ModelData,
  toTensor,
  toTensors,
} from './model_data.js';
import { rowSpec, Samples } from './samples.js';
import type { StepSpec } from './step_graph.js';
import type { StepProgram } from './step_program.js';
import type { StepMode, Trainer } from './trainer.js';

/** Weights of samples, for all outputs or, in a list or record, for each. */
export type SampleWeight = ModelData;

export interface WeightOptions {
  sampleWeight?: SampleWeight | undefined;
  classWeight?: ClassWeight | undefined;
}

/** The inputs as tensors of the right shapes. A sequential model without a shape is built on them. */
export function prepareInputs(model: Model, what: string, x: ModelData): Tensor[] {
  if (x === undefined) {
    throw new LugeError('BAD_ARGUMENT', `${what}: x is missing.`);
  }
  if (!model.built) {
    const [first] = toTensors(`${what}: x`, 'input', [{ name: 'x' }], x) as [Tensor];
    new Samples(what, [first]);
    model.buildOn([null, ...first.shape.slice(1)]);
  }
  return toTensors(`${what}: x`, 'input', model.inputs, x);
}

/** Inputs, labels and weights as tensors, checked against each other and the model. */
export function prepareSamples(
  model: Model,
  trainer: Trainer,
  what: string,
  x: ModelData,
  y: ModelData,
  { sampleWeight, classWeight }: WeightOptions = {},
): Samples {
  trainer.compiled; // throws when it is not
  const inputs = prepareInputs(model, what, x);
  const { heads } = trainer;
  const slots = heads.map(({ output }) => ({ name: output }));
  if (y === undefined || y === null) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `${what}: y is missing; it holds the labels, one for each x.`,
    );
  }
  const labels = toTensors(`${what}: y`, 'output', slots, y);
  const unweighted = new Samples(what, inputs, labels);
  heads.forEach(({ loss, output }, i) => {
    if (!(loss instanceof SparseCategoricalCrossentropy)) return;
    const name = heads.length === 1 ? `${what}: y` : `${what}: y for output '${output}'`;
    checkLabels(name, labels[i] as Tensor, (model.outputs[i] as SymbolicTensor).shape);
  });
  if (sampleWeight === undefined && classWeight === undefined) return unweighted;
  const own = sampleWeights(what, slots, sampleWeight, unweighted.count);
  if (classWeight === undefined) return new Samples(what, inputs, labels, own);
  if (heads.length > 1) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `${what}: classWeight is for models with one output, and this one has ${heads.length}. Use ` +
        'sampleWeight with a list of weights for each output.',
    );
  }
  const weights = weighClasses(what, labels[0] as Tensor, classWeight, own[0]);
  return new Samples(what, inputs, labels, [weights]);
}

function sampleWeights(
  what: string,
  slots: readonly { name: string }[],
  given: SampleWeight | undefined,
  count: number,
): (Tensor | undefined)[] {
  if (given === undefined) return slots.map(() => undefined);
  const forAll = given instanceof Tensor || ArrayBuffer.isView(given) || isNumbers(given);
  const each = forAll
    ? slots.map(() => given as ArrayLikeData)
    : assign<ArrayLikeData>(`${what}: sampleWeight`, 'output', slots, given as ArrayLikeData[]);
  return each.map((item) => {
    const found = toTensor(`${what}: sampleWeight`, item);
    if (found.size !== count || found.shape[0] !== count) {
      throw new LugeError(
        'BAD_SHAPE',
        `${what}: sampleWeight must hold a weight for each of the ${count} samples, of shape [${count}], but ` +
          `got ${showShape(found.shape)}.`,
      );
    }
    const wrong = found.data.findIndex((weight) => !(weight >= 0 && weight < Infinity));
    if (wrong >= 0) {
      throw new LugeError(
        'BAD_DATA',
        `${what}: sampleWeight must hold finite numbers of at least 0, but weight ${wrong} is ` +
          `${found.data[wrong]}.`,
      );
    }
    return new Tensor(Float32Array.from(found.data), [count]);
  });
}

function isNumbers(data: unknown): boolean {
  return Array.isArray(data) && typeof data[0] === 'number';
}

/** The program for batches of such samples. */
export function stepFor(
  trainer: Trainer,
  mode: StepMode,
  samples: Samples,
  batch: number,
  augment?: AugmentOptions,
): StepProgram {
  const spec: StepSpec = {
    batch,
    augment,
    x: samples.x.map(rowSpec),
    y: samples.y.map(rowSpec),
    weighted: samples.weights.map((weight) => weight !== undefined),
  };
  return trainer.step(mode, spec);
}

/** A batch of a data set; only `predict` can do without y. */
export interface Batch {
  /** Samples [n, ...]. */
  readonly x: ModelData;
  /** Labels [n, ...]. */
  readonly y?: ModelData;
  /** Factors of the loss by sample. */
  readonly sampleWeight?: SampleWeight;
}

/** Batches one after the other, such as a data set or an async generator. */
export interface Batches extends AsyncIterable<Batch> {
  /** How many there are: undefined when not known, Infinity when without end. */
  readonly size?: number | undefined;
  /** The same in batches, of so many samples where it holds single ones. */
  inBatches?(size: number): Batches;
}

export function isBatches(data: unknown): data is Batches {
  return typeof data === 'object' && data !== null && Symbol.asyncIterator in data;
}

/** Batches of a data set that may hold single samples; throws BAD_ARGUMENT when it has no end. */
export function endingBatches(what: string, batches: Batches, batchSize: number): Batches {
  const found = batches.inBatches?.(batchSize) ?? batches;
  if (found.size !== Number.POSITIVE_INFINITY) return found;
  throw new LugeError(
    'BAD_ARGUMENT',
    `${what}: the data set repeats without end. Say how often, repeat(times), or how much of it to ` +
      `take, take(count)${what === 'fit' ? ', or give stepsPerEpoch' : ''}.`,
  );
}

/**
 * Samples that stay as they are while a step reads them: of batches that are not a data set's, copies,
 * since a generator goes on meanwhile and may fill the same arrays again.
 */
export function settled(batches: Batches, samples: Samples): Samples {
  return batches.inBatches === undefined ? samples.copied() : samples;
}

/** The inputs of a batch, as `prepareInputs` gives them. */
export function batchInputs(model: Model, what: string, batch: Batch): Tensor[] {
  checkBatch(what, batch);
  return prepareInputs(model, what, batch.x);
}

function checkBatch(what: string, batch: Batch): void {
  if (typeof batch === 'object' && batch !== null && 'x' in batch) return;
  throw new LugeError(
    'BAD_DATA',
    `${what}: a data set gives batches { x, y }, but this one gave ${describe(batch)}.`,
  );
}

export function prepareBatch(
  model: Model,
  trainer: Trainer,
  what: string,
  batch: Batch,
  classWeight?: ClassWeight,
): Samples {
  checkBatch(what, batch);
  const { x, y, sampleWeight } = batch;
  return prepareSamples(model, trainer, what, x, y as ModelData, { sampleWeight, classWeight });
}
