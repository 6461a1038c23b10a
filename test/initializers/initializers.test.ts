import { describe, expect, it } from 'vitest';
import { setSeed } from '../../lib/core/random.js';
import type { Tensor } from '../../lib/core/tensor.js';
import * as initializers from '../../lib/initializers/index.js';
import { fans } from '../../lib/initializers/variance_scaling.js';
import '../../lib/runtime/evaluate.js';

const { get, orthogonal } = initializers;

const names = [
  ...['zeros', 'ones', 'identity', 'constant', 'randomUniform', 'randomNormal', 'truncatedNormal'],
  ...['varianceScaling', 'glorotUniform', 'glorotNormal', 'heUniform', 'heNormal'],
  ...['lecunUniform', 'lecunNormal'],
];
const random = names.slice(4);

/** Mean, standard deviation and largest magnitude. */
function describeNumbers(tensor: Tensor) {
  const data = Array.from(tensor.data);
  const n = data.length;
  const mean = data.reduce((sum, x) => sum + x, 0) / n;
  const deviation = Math.sqrt(data.reduce((sum, x) => sum + (x - mean) ** 2, 0) / n);
  return { n, mean, deviation, largest: data.reduce((most, x) => Math.max(most, Math.abs(x)), 0) };
}

/** Within five standard errors. */
function expectNumbers(tensor: Tensor, mean: number, deviation: number, limit: number): void {
  const found = describeNumbers(tensor);
  expect(Math.abs(found.mean - mean)).toBeLessThan((5 * deviation) / Math.sqrt(found.n));
  expect(Math.abs(found.deviation / deviation - 1)).toBeLessThan(5 / Math.sqrt(2 * found.n));
  expect(found.largest).toBeLessThanOrEqual(limit * (1 + 2 ** -22));
}

describe('initializers', () => {
  it('fill with one number', () => {
    expect(initializers.zeros().make([2]).toArray()).toEqual([0, 0]);
    expect(initializers.ones().make([2], 'int32').data).toEqual(new Int32Array([1, 1]));
    expect(initializers.constant({ value: 0.5 }).make([]).toArray()).toBe(0.5);
  });

  it('fill a diagonal', () => {
    const { identity } = initializers;
    expect(identity().make([2, 2]).toArray()).toEqual([
      [1, 0],
      [0, 1],
    ]);
    const tall = identity({ gain: 3 }).make([3, 2], 'int32');
    expect([...tall.data]).toEqual([3, 0, 0, 3, 0, 0]);
    expect(tall.dtype).toBe('int32');
    expect(initializers.get('IdentityInitializer')).toEqual(identity());
  });

  it.each(random)('%s repeats with a seed only', (name) => {
    const make = (seed?: number) =>
      initializers
        .get({ class_name: name, config: seed === undefined ? {} : { seed } })
        .make([3, 5]);
    expect(make(4)).toEqual(make(4));
    expect(make(4)).not.toEqual(make(5));
    expect(make()).not.toEqual(make());
    const first = initializers.get(name);
    expect(first.make([4])).not.toEqual(first.make([4]));
  });

  it('follow setSeed', () => {
    const make = () => {
      setSeed(3);
      return initializers.glorotUniform().make([7]);
    };
    expect(make()).toEqual(make());
  });

  it('have the numbers that they are named for', () => {
    const shape = [200, 100];
    const { randomUniform, randomNormal, truncatedNormal } = initializers;
    const uniform = randomUniform({ minval: -1, maxval: 3, seed: 1 }).make(shape);
    expectNumbers(uniform, 1, 4 / Math.sqrt(12), 3);
    expectNumbers(randomNormal({ mean: 2, stddev: 3, seed: 1 }).make(shape), 2, 3, 30);
    const truncated = truncatedNormal({ stddev: 2, seed: 1 }).make(shape);
    expectNumbers(truncated, 0, 2 * 0.87962566103423978, 4);
  });

  it('scale variance by the inputs and outputs of a unit', () => {
    expect(fans([30, 70])).toEqual({ fanIn: 30, fanOut: 70 });
    expect(fans([3, 5, 20, 40])).toEqual({ fanIn: 300, fanOut: 600 });
    expect(fans([7])).toEqual({ fanIn: 7, fanOut: 7 });
    expect(fans([])).toEqual({ fanIn: 1, fanOut: 1 });
    const shape = [3, 5, 20, 40];
    const { varianceScaling: scaling } = initializers;
    const uniform = scaling({ scale: 2, mode: 'fanOut', distribution: 'uniform', seed: 1 });
    expectNumbers(uniform.make(shape), 0, Math.sqrt(2 / 600), Math.sqrt(6 / 600));
    const truncated = scaling({ mode: 'fanAvg', seed: 1 }).make(shape);
    expectNumbers(truncated, 0, Math.sqrt(1 / 450), (2 * Math.sqrt(1 / 450)) / 0.87962566103423978);
    const normal = scaling({ distribution: 'untruncatedNormal', seed: 1 }).make(shape);
    expectNumbers(normal, 0, Math.sqrt(1 / 300), 1);
  });

  it('take fans from the axes that they are told', () => {
    const axes = { inputAxes: [0], outputAxes: [1, -1] };
    const shape = [50, 20, 30];
    const { heNormal, glorotUniform } = initializers;
    const normal = heNormal({ ...axes, seed: 1 });
    expectNumbers(normal.make(shape), 0, Math.sqrt(2 / 50), 1);
    const limit = Math.sqrt(6 / (50 + 600));
    expectNumbers(glorotUniform({ ...axes, seed: 1 }).make(shape), 0, limit / Math.sqrt(3), limit);
    expect(normal.getConfig()).toEqual({ input_axes: [0], output_axes: [1, -1], seed: 1 });
    expect(get({ class_name: 'HeNormal', config: normal.getConfig() })).toEqual(normal);
    // As Keras writes them by default.
    const config = { seed: null, input_axes: null, output_axes: null };
    expect(get({ class_name: 'HeNormal', config })).toEqual(heNormal());
  });

  it.each(names)('%s is made again from its settings', (name) => {
    const initializer = initializers.get(name);
    const config = JSON.parse(JSON.stringify(initializer.getConfig()));
    const copy = initializers.get({ class_name: initializer.className, config });
    expect(copy.className.toLowerCase()).toBe(name.toLowerCase());
    expect(copy.getConfig()).toEqual(initializer.getConfig());
  });

  it("write Keras's settings", () => {
    expect(initializers.varianceScaling({ seed: 2 }).getConfig()).toEqual({
      scale: 1,
      mode: 'fan_in',
      distribution: 'truncated_normal',
      seed: 2,
    });
    expect(initializers.get('he_normal').getConfig()).toEqual({ seed: null });
    const legacy = {
      class_name: 'VarianceScaling',
      config: { mode: 'fan_avg', distribution: 'normal' },
    };
    expect(initializers.get(legacy)).toMatchObject({
      mode: 'fanAvg',
      distribution: 'truncatedNormal',
    });
  });

  it('refuse what makes no sense', () => {
    expect(() => initializers.identity().make([2, 2, 2])).toThrow(/two axes, but \[2, 2, 2\]/);
    expect(() => initializers.identity({ gain: Number.NaN })).toThrow(/gain must be a finite/);
    expect(() => initializers.heNormal({ inputAxes: [0] })).toThrow(
      'HeNormal: inputAxes and outputAxes go together',
    );
    expect(() => initializers.get('glorotUnifrom')).toThrow("Did you mean 'glorotUniform'?");
    expect(() => initializers.randomNormal({ stdev: 1 } as never)).toThrow(
      "Did you mean 'stddev'?",
    );
    expect(() => initializers.randomNormal({ stddev: -1 })).toThrow(
      /stddev must be a finite number/,
    );
    expect(() => initializers.randomUniform({ minval: 2, maxval: 1 })).toThrow(
      /minval must not be/,
    );
    expect(() => initializers.glorotUniform({ seed: 0.5 })).toThrow(/seed must be a whole number/);
    expect(() => initializers.glorotUniform({ scale: 1 } as never)).toThrow(
      /Unknown GlorotUniform/,
    );
    expect(() => initializers.varianceScaling({ mode: 'fanInn' as never })).toThrow("mean 'fanIn'");
    expect(() => initializers.glorotUniform().make([2], 'int32')).toThrow(/makes float32 weights/);
  });
});

describe('orthogonal', () => {
  /** The largest distance of x x' from gain^2 times the identity, where x has `count` rows. */
  function skew(x: Float32Array, count: number, length: number, gain: number, byRows: boolean) {
    const at = (i: number, p: number) => x[byRows ? i * length + p : p * count + i] as number;
    let most = 0;
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        let product = 0;
        for (let p = 0; p < length; p++) product += at(i, p) * at(j, p);
        most = Math.max(most, Math.abs(product - (i === j ? gain * gain : 0)));
      }
    }
    return most;
  }

  it('makes columns, or where there are fewer, rows at right angles', () => {
    for (const [shape, gain] of [
      [[8, 8], 1],
      [[20, 7], 1],
      [[7, 28], 2],
      [[3, 2, 4, 5], 0.5],
    ] as const) {
      const made = orthogonal({ gain, seed: 4 }).make(shape);
      expect(made.shape).toEqual(shape);
      const columns = shape.at(-1) as number;
      const rows = made.size / columns;
      const [count, length] = rows < columns ? [rows, columns] : [columns, rows];
      // Every element is rounded to float32 once.
      const tolerance = 2 ** -23 * length * gain * gain;
      const x = made.data as Float32Array;
      expect(skew(x, count, length, gain, rows < columns)).toBeLessThan(tolerance);
    }
  });

  it('repeats with its seed, and reads what Keras writes', () => {
    const make = (seed?: number) =>
      orthogonal(seed === undefined ? {} : { seed }).make([4, 12]).data;
    expect(make(1)).toEqual(make(1));
    expect(make(1)).not.toEqual(make(2));
    expect(make()).not.toEqual(make());
    const read = get({ class_name: 'Orthogonal', config: { gain: 1.5, seed: 3 } });
    expect(read.getConfig()).toEqual({ gain: 1.5, seed: 3 });
    expect(get('orthogonal').getConfig()).toEqual({ gain: 1, seed: null });
    expect(() => orthogonal().make([3])).toThrow(/at least two axes, but \[3\] is wanted/);
    expect(() => orthogonal({ gain: Number.NaN })).toThrow(/gain must be a finite number/);
  });
});
