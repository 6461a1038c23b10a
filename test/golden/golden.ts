import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import * as luge from '../../lib/index.js';

/** Rounding unit of float32. */
export const UNIT = 2 ** -24;

/** An array as the files hold it: little-endian float64 in base64. */
export interface Encoded {
  shape: number[];
  data: string;
}

/** Arrays of each layer, in the order of the layer's own weights. */
export type LayerArrays = Record<string, Encoded[]>;

/** Reads `test/golden/<name>.json`. */
export function readGolden<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(`${name}.json`, import.meta.url), 'utf8')) as T;
}

export function decode(encoded: Encoded): Float64Array {
  const bytes = new Uint8Array(Buffer.from(encoded.data, 'base64'));
  return new Float64Array(bytes.buffer);
}

export function toTensor(encoded: Encoded, dtype: 'float32' | 'int32' = 'float32'): luge.Tensor {
  const numbers = decode(encoded);
  const data = dtype === 'int32' ? Int32Array.from(numbers) : Float32Array.from(numbers);
  return luge.tensor(data, encoded.shape);
}

/** Calls the factory called `name`; the files choose options by name, which types can't follow. */
export function create(factories: object, name: string, options: object): never {
  const factory = (factories as Record<string, (options: object) => never>)[name];
  if (factory === undefined) throw new Error(`luge has no "${name}"`);
  return factory(options);
}

export function largest(numbers: ArrayLike<number>): number {
  return Array.from(numbers).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
}

/** Expects |found - expected| <= tolerance in every element, and names the worst one. */
export function expectClose(
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what: string,
): void {
  expect(found.length, `${what}: size`).toBe(expected.length);
  let worst = 0;
  for (let i = 1; i < expected.length; i++) {
    const error = Math.abs((found[i] as number) - (expected[i] as number));
    const most = Math.abs((found[worst] as number) - (expected[worst] as number));
    if (!(error <= most)) worst = i;
  }
  const error = Math.abs((found[worst] as number) - (expected[worst] as number));
  expect(error, `${what}[${worst}]: ${found[worst]}, not ${expected[worst]}`).toBeLessThanOrEqual(
    tolerance,
  );
}

/** What both kinds of model can do here. */
type Model = Pick<luge.Sequential, 'getLayer'>;

export function setLayerWeights(model: Model, arrays: LayerArrays): void {
  for (const [name, weights] of Object.entries(arrays)) {
    model.getLayer(name).setWeights(weights.map((weight) => toTensor(weight)));
  }
}

/** Calls `compare` with each weight as it is now and its place in `arrays`. */
export function eachWeight(
  model: Model,
  arrays: LayerArrays,
  compare: (now: ArrayLike<number>, layer: string, index: number) => void,
): void {
  for (const name of Object.keys(arrays)) {
    const weights = model.getLayer(name).getWeights();
    expect(weights.length, `weights of ${name}`).toBe(arrays[name]?.length);
    for (const [index, weight] of weights.entries()) {
      expect(weight.shape, `${name}, weight ${index}`).toEqual(arrays[name]?.[index]?.shape);
      compare(weight.data, name, index);
    }
  }
}

/**
 * Compares gradients, read off as what a step of SGD at learning rate 1 took away. `tolerance` is
 * the gradient's own; the two weights that are subtracted add their rounding.
 */
export function expectGradients(
  model: Model,
  before: LayerArrays,
  gradients: LayerArrays,
  tolerance: (layer: string, index: number, largestGradient: number) => number,
  skip: (layer: string, index: number) => boolean = () => false,
): void {
  eachWeight(model, before, (now, layer, index) => {
    if (skip(layer, index)) return;
    const start = decode(before[layer]?.[index] as Encoded);
    const expected = decode(gradients[layer]?.[index] as Encoded);
    const found = start.map((value, i) => value - (now[i] as number));
    const rounding = 2 * UNIT * Math.max(largest(start), largest(now));
    const allowed = tolerance(layer, index, largest(expected)) + rounding;
    expectClose(found, expected, allowed, `gradient of ${layer}, weight ${index}`);
  });
}
