import { newArray, type TypedArray } from '../core/dtype.js';
import { sizeOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { type ChunkSettings, type Stretch, sampleChunks } from './sample_chunks.js';
import type { Samples } from './samples.js';

/** Tensors for the outputs of all samples. */
export function outputsFor(visit: readonly Stretch[], count: number): Tensor[] {
  const [first] = visit as [Stretch];
  return first.step.outputs.map(({ shape, dtype }) => {
    const whole = [count, ...shape.slice(1)];
    return new Tensor(newArray(dtype, sizeOf(whole)), whole);
  });
}

/** The chunks of a visit to all samples that write their outputs where they stay. */
export function writingTo(
  outputs: readonly Tensor[],
  samples: Samples,
  visit: readonly Stretch[],
  settings: Pick<ChunkSettings, 'extras'> = {},
) {
  const results = (_: unknown, row: number): TypedArray[] =>
    outputs.map(({ data, shape }) => data.subarray(row * sizeOf(shape.slice(1))));
  return sampleChunks(samples, visit, { ...settings, results });
}

/** Tensors one behind the other along the first axis. */
export function joinRows(parts: readonly Tensor[]): Tensor {
  const [{ dtype, shape }] = parts as [Tensor];
  const data = newArray(
    dtype,
    parts.reduce((size, part) => size + part.size, 0),
  );
  let at = 0;
  for (const part of parts) {
    data.set(part.data, at);
    at += part.size;
  }
  const row = shape.slice(1);
  return new Tensor(data, [data.length / sizeOf(row), ...row]);
}
