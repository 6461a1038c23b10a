import type { TypedArray } from '../core/dtype.js';
import { bytesField, doubleField, type Field, integerField } from './protobuf.js';

// Messages and field numbers are those of TensorFlow's event.proto, summary.proto and tensor.proto.

/** A named value of a step: what TensorBoard draws. */
export type SummaryValue = Field;

/** The event that an event file begins with. `time` is in seconds since 1970. */
export function versionEvent(time: number): Uint8Array {
  const writer = bytesField(10, [bytesField(1, 'tensorflow.core.util.events_writer')]);
  return Buffer.concat([doubleField(1, time), bytesField(3, 'brain.Event:2'), writer]);
}

/** Values of a step, at a time in seconds since 1970. */
export function summaryEvent(
  time: number,
  step: number,
  values: readonly SummaryValue[],
): Uint8Array {
  return Buffer.concat([doubleField(1, time), integerField(2, step), bytesField(5, values)]);
}

/** A number, for the dashboard of scalars. */
export function scalarValue(tag: string, value: number): SummaryValue {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return summaryValue(tag, tensor(kFloat, [], bytesField(4, bytes)), 'scalars');
}

/** How numbers are spread, for the dashboards of histograms and distributions. */
export function histogramValue(tag: string, data: TypedArray): SummaryValue {
  const buckets = new Float64Array(histogramBuckets(data).flat());
  const content = bytesField(4, new Uint8Array(buckets.buffer));
  return summaryValue(tag, tensor(kDouble, [kBuckets, 3], content), 'histograms');
}

/** A model's architecture as Keras writes it, for the dashboard of graphs. */
export function modelValue(tag: string, json: string): SummaryValue {
  return summaryValue(tag, tensor(kString, [], bytesField(8, json)), 'graph_keras_model', '1');
}

const kFloat = 1;
const kDouble = 2;
const kString = 7;

function tensor(dtype: number, shape: readonly number[], content: Field): Field[] {
  const dims = shape.map((size) => bytesField(2, [integerField(1, size)]));
  return [integerField(1, dtype), bytesField(2, dims), content];
}

function summaryValue(
  tag: string,
  value: readonly Field[],
  plugin: string,
  settings?: string,
): SummaryValue {
  const data = [bytesField(1, plugin)];
  if (settings !== undefined) data.push(bytesField(2, settings));
  return bytesField(1, [
    bytesField(1, tag),
    bytesField(8, value),
    bytesField(9, [bytesField(1, data)]),
  ]);
}

const kBuckets = 30;

/**
 * Rows [left edge, right edge, count] of 30 buckets of one width from the least to the largest
 * number; when there is but one, all of them end there and the last counts. NaN and infinities, which
 * have no bucket, are left out.
 */
export function histogramBuckets(data: TypedArray): [number, number, number][] {
  let [least, largest, finite] = [Infinity, -Infinity, 0];
  for (const value of data) {
    if (!Number.isFinite(value)) continue;
    least = Math.min(least, value);
    largest = Math.max(largest, value);
    finite += 1;
  }
  if (finite === 0) return Array.from({ length: kBuckets }, () => [0, 0, 0]);
  const width = (largest - least) / kBuckets;
  const edge = (i: number) => (i === kBuckets || width === 0 ? largest : least + i * width);
  const counts = new Array<number>(kBuckets).fill(0);
  for (const value of data) {
    if (!Number.isFinite(value)) continue;
    const place = width === 0 ? kBuckets : Math.floor((value - least) / width);
    const bucket = Math.min(place, kBuckets - 1);
    counts[bucket] = (counts[bucket] as number) + 1;
  }
  return counts.map((count, i) => [edge(i), edge(i + 1), count]);
}
