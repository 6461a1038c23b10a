import { newArray } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import type { Random } from '../core/random.js';
import { Tensor } from '../core/tensor.js';

/** Samples of one or several inputs or outputs. */
export type TuneData = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;

/** What a trial trains with, and is measured on. */
export interface TrialData {
  readonly x: TuneData;
  readonly y: TuneData;
  readonly validationData: { readonly x: TuneData; readonly y: TuneData };
}

interface Given {
  readonly x: TuneData;
  readonly y: TuneData;
  readonly validationData?: { readonly x: TuneData; readonly y: TuneData };
}

/**
 * Samples in random order, those to validate on apart, and of the others as many as a trial is to
 * have. A smaller share is a part of a larger one.
 */
export function splitData(
  given: Given,
  validationSplit: number,
  random: Random,
): (fraction: number) => TrialData {
  if (typeof given !== 'object' || given === null || !('x' in given) || !('y' in given)) {
    throw new LugeError('BAD_ARGUMENT', 'tune: data must be { x, y }, tensors of samples.');
  }
  const { x, y, validationData } = given;
  const count = samplesOf(x);
  const order = random.permutation(count);
  const held = validationData === undefined ? Math.floor(count * validationSplit) : 0;
  if (count - held < 1 || (validationData === undefined && held < 1)) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `tune: ${count} samples with a validationSplit of ${validationSplit} leave ${count - held} to train with and ` +
        `${held} to validate on; both must be at least 1.`,
    );
  }
  const rows = (data: TuneData, from: number, to: number) => pick(data, order.subarray(from, to));
  const validation = validationData ?? { x: rows(x, 0, held), y: rows(y, 0, held) };
  return (fraction) => {
    const end = held + Math.max(1, Math.round((count - held) * fraction));
    return { x: rows(x, held, end), y: rows(y, held, end), validationData: validation };
  };
}

function samplesOf(data: TuneData): number {
  const first = data instanceof Tensor ? data : Object.values(data)[0];
  if (first instanceof Tensor) return first.shape[0] ?? 0;
  throw new LugeError(
    'BAD_ARGUMENT',
    'tune: x and y must be tensors, lists of them or records of them by name; tensor(data) makes one.',
  );
}

function pick(data: TuneData, rows: Int32Array): TuneData {
  if (data instanceof Tensor) return pickRows(data, rows);
  if (Array.isArray(data)) return data.map((tensor: Tensor) => pickRows(tensor, rows));
  const entries = Object.entries(data as Record<string, Tensor>);
  return Object.fromEntries(entries.map(([name, tensor]) => [name, pickRows(tensor, rows)]));
}

function pickRows({ data, shape, dtype }: Tensor, rows: Int32Array): Tensor {
  const size = data.length / (shape[0] as number);
  const picked = newArray(dtype, rows.length * size);
  rows.forEach((row, at) => {
    picked.set(data.subarray(row * size, (row + 1) * size), at * size);
  });
  return new Tensor(picked, [rows.length, ...shape.slice(1)]);
}
