import { LugeError } from '../core/errors.js';
import { checkCount, checkOptions } from '../core/options.js';
import { formatBytes } from '../core/progress.js';
import { type PartialShape, type Shape, showShape } from '../core/shape.js';
import type { Variable } from '../core/variable.js';
import type { Spec } from '../graph/ir.js';
import type { SymbolicTensor } from '../graph/symbolic.js';
import type { Layer } from '../layers/layer.js';
import { SparseCategoricalCrossentropy } from '../losses/crossentropy.js';
import type { Model } from './model.js';
import { optimizerBytes } from './optimizer_step.js';
import type { StepProgram } from './step_program.js';
import type { Trainer } from './trainer.js';

export interface SummaryOptions {
  /** Whether to print the text. Default true. */
  print?: boolean;
  /** Samples of the step whose memory is told. Default 32. */
  batchSize?: number;
}

export interface ProgramOptions {
  /** Default 32. */
  batchSize?: number;
  /** Default 'train' for a compiled model, otherwise 'predict'. */
  mode?: 'train' | 'test' | 'predict';
}

export function summary(model: Model, trainer: Trainer, options: SummaryOptions): string {
  checkOptions('summary', options, ['print', 'batchSize']);
  const batchSize = checkCount('summary: batchSize', options.batchSize ?? 32);
  const text = [
    `Model: ${model.name}`,
    ...table(model),
    ...totals(model),
    ...(model.built ? memory(model, trainer, batchSize) : []),
  ].join('\n');
  if (options.print !== false) console.log(text);
  return text;
}

/** The instructions of a step. */
export function printProgram(model: Model, trainer: Trainer, options: ProgramOptions): string {
  checkOptions('printProgram', options, ['batchSize', 'mode']);
  const batchSize = checkCount('printProgram: batchSize', options.batchSize ?? 32);
  const mode = options.mode ?? (trainer.isCompiled ? 'train' : 'predict');
  return stepOf(model, trainer, mode, batchSize).program.print();
}

function table(model: Model): string[] {
  const shapes = model.built ? outputShapes(model) : new Map<Layer, PartialShape>();
  const rows = model.layers.map((layer) => {
    const shape = shapes.get(layer);
    return [
      `${layer.name} (${layer.className})`,
      shape === undefined ? '?' : showShape(shape),
      layer.built ? showCount(sizeOf(layer.weights)) : '?',
    ];
  });
  const all = [['Layer (type)', 'Output shape', 'Params'], ...rows] as [string, string, string][];
  const width = (column: 0 | 1 | 2) => Math.max(...all.map((row) => row[column].length));
  const lines = all.map(
    ([name, shape, count]) =>
      `${name.padEnd(width(0))}  ${shape.padEnd(width(1))}  ${count.padStart(width(2))}`,
  );
  const rule = '─'.repeat(width(0) + width(1) + width(2) + 4);
  return [rule, lines[0] as string, rule, ...lines.slice(1), rule];
}

function outputShapes(model: Model): Map<Layer, PartialShape> {
  const shapes = new Map<Layer, PartialShape>();
  for (const { layer, outputs } of model.drawing.calls) {
    const [first] = outputs;
    if (layer !== undefined && first && !shapes.has(layer as Layer)) {
      shapes.set(layer as Layer, first.shape);
    }
  }
  for (const layer of model.layers) {
    if (layer.className === 'InputLayer') shapes.set(layer, (layer.output as SymbolicTensor).shape);
  }
  return shapes;
}

function totals(model: Model): string[] {
  if (!model.built) return ['Not built yet: the shape of the input is not known.'];
  const trained = sizeOf(model.trainableWeights);
  const all = sizeOf(model.weights);
  return [
    `Total params: ${showCount(all)} (${formatBytes(4 * all)})`,
    `Trainable params: ${showCount(trained)}`,
    `Non-trainable params: ${showCount(all - trained)}`,
  ];
}

/** What a step takes: temporary memory as planned, and memory that stays. */
function memory(model: Model, trainer: Trainer, batchSize: number): string[] {
  const mode = trainer.isCompiled ? 'train' : 'predict';
  const step = tryStep(model, trainer, mode, batchSize);
  if (step === undefined) return [];
  const held = 4 * sizeOf(model.weights);
  const slots = trainer.isCompiled
    ? optimizerBytes(trainer.compiled.optimizer, model.trainableWeights)
    : 0;
  const temporary = step.program.memoryBytes;
  const parts = [
    `${formatBytes(temporary)} temporary`,
    `${formatBytes(held)} weights`,
    ...(slots > 0 ? [`${formatBytes(slots)} optimizer`] : []),
  ];
  const what = mode === 'train' ? 'A training step' : 'A prediction';
  return [
    `${what} of ${batchSize} samples takes ${formatBytes(temporary + held + slots)}: ${parts.join(', ')}`,
  ];
}

/** The program, or undefined where the data must tell more: sizes, or labels of a loss of one's own. */
function tryStep(
  model: Model,
  trainer: Trainer,
  mode: 'train' | 'predict',
  batchSize: number,
): StepProgram | undefined {
  try {
    return stepOf(model, trainer, mode, batchSize);
  } catch (error) {
    const unknown = ['NOT_BUILT', 'NOT_COMPILED', 'BAD_SHAPE', 'BAD_DTYPE', 'UNSUPPORTED'];
    if (error instanceof LugeError && unknown.includes(error.code)) return undefined;
    throw error;
  }
}

function stepOf(
  model: Model,
  trainer: Trainer,
  mode: 'train' | 'test' | 'predict',
  batch: number,
): StepProgram {
  const x = model.inputs.map(({ shape, dtype, name }) => ({
    shape: knownRow(shape, `input '${name}'`),
    dtype,
  }));
  if (mode === 'predict') return trainer.step(mode, { batch, x, y: [], weighted: [] });
  const y = trainer.heads.map(({ loss, output }, i): Spec => {
    const row = knownRow((model.outputs[i] as SymbolicTensor).shape, `output '${output}'`);
    return loss instanceof SparseCategoricalCrossentropy
      ? { shape: row.slice(0, -1), dtype: 'int32' }
      : { shape: row, dtype: 'float32' };
  });
  return trainer.step(mode, { batch, x, y, weighted: y.map(() => false) });
}

function knownRow(shape: PartialShape, what: string): Shape {
  const row = shape.slice(1);
  if (!row.includes(null)) return row as Shape;
  throw new LugeError(
    'NOT_BUILT',
    `The ${what} has shape ${showShape(shape)}: a program needs all sizes but the batch's.`,
  );
}

function sizeOf(weights: readonly Variable[]): number {
  return weights.reduce((count, { size }) => count + size, 0);
}

function showCount(count: number): string {
  return count.toLocaleString('en-US');
}
