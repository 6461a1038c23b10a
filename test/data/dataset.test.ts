import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';

const { data } = luge;

/** Samples x [n, 1] and y [n], both 0 to n - 1. */
function counting(count: number) {
  const numbers = Array.from({ length: count }, (_, i) => i);
  return data.fromArrays({ x: numbers.map((i) => [i]), y: Int32Array.from(numbers) });
}

async function labels(dataset: luge.data.Dataset): Promise<unknown[]> {
  const all = await dataset.toArray();
  return all.map(({ x, y }) => {
    const found = (y as luge.Tensor).toArray();
    expect([(x as luge.Tensor).toArray()].flat(3)).toEqual([found].flat());
    return found;
  });
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe('a data set', () => {
  it('of arrays gives samples, as often as it is asked', async () => {
    const dataset = counting(3);
    expect(dataset.size).toBe(3);
    for (let pass = 0; pass < 2; pass++) {
      const all = await dataset.toArray();
      expect(all.map(({ x }) => x.toArray())).toEqual([[0], [1], [2]]);
      expect(all.map(({ y }) => [y.dtype, y.toArray()])).toEqual(
        [0, 1, 2].map((i) => ['int32', i]),
      );
    }
  });

  it.each([1, 2, 3, 4, 7, 10])('in batches of %i gives every sample once', async (size) => {
    const batches = counting(7).batch(size);
    const found = await labels(batches);
    expect(found.flat()).toEqual(range(0, 7));
    expect(found.length).toBe(batches.size);
    expect(found.slice(0, -1).every((batch) => (batch as number[]).length === size)).toBe(true);
  });

  it('can leave out the rest', async () => {
    const batches = counting(7).batch(3, { dropRemainder: true });
    expect(batches.size).toBe(2);
    expect(await labels(batches)).toEqual([range(0, 3), range(3, 6)]);
  });

  it.each([1, 3, 50, 600, 1000])('shuffled by a buffer of %i holds the same', async (buffer) => {
    const shuffled = counting(600).shuffle(buffer, 4);
    const [first, second] = [await labels(shuffled), await labels(shuffled)] as number[][];
    expect((first as number[]).toSorted((a, b) => a - b)).toEqual(range(0, 600));
    if (buffer === 1) {
      expect(first).toEqual(range(0, 600));
      return;
    }
    expect(second).not.toEqual(first);
    // Nothing comes more than a buffer early.
    expect((first as number[]).every((label, i) => label < i + buffer)).toBe(true);
    const again = counting(600).shuffle(buffer, 4);
    expect([await labels(again), await labels(again)]).toEqual([first, second]);
    expect(await labels(counting(600).shuffle(buffer, 5))).not.toEqual(first);
  });

  it('shuffled with all of it held makes every order as likely', async () => {
    const counts = new Map<string, number>();
    const dataset = counting(3).shuffle(3, 1);
    for (let pass = 0; pass < 600; pass++) {
      const order = String(await labels(dataset));
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // 100 of each, five standard deviations apart at most.
    for (const count of counts.values()) expect(Math.abs(count - 100)).toBeLessThan(46);
  });

  it('shuffles batches as a whole', async () => {
    const found = (await labels(counting(10).batch(2).shuffle(5, 3))) as number[][];
    expect(found.map(([first]) => first).toSorted()).toEqual([0, 2, 4, 6, 8]);
    expect(found.every(([a, b]) => (a as number) + 1 === b)).toBe(true);
  });

  it('takes and skips samples, or batches', async () => {
    const samples = counting(10);
    expect(await labels(samples.skip(3).take(4))).toEqual(range(3, 7));
    expect(samples.skip(3).take(4).size).toBe(4);
    expect(samples.skip(12).size).toBe(0);
    expect(await labels(samples.skip(12))).toEqual([]);
    expect(await labels(samples.take(0))).toEqual([]);
    expect(await labels(samples.batch(4).skip(1).take(1))).toEqual([range(4, 8)]);
    expect(samples.batch(4).skip(1).size).toBe(2);
  });

  it('repeats', async () => {
    expect(await labels(counting(2).repeat(3))).toEqual([0, 1, 0, 1, 0, 1]);
    expect(counting(2).repeat(3).size).toBe(6);
    expect(await labels(counting(3).repeat().batch(4).take(2))).toEqual([
      [0, 1, 2, 0],
      [1, 2, 0, 1],
    ]);
    expect(counting(3).repeat().batch(4).size).toBe(Number.POSITIVE_INFINITY);
    expect(await labels(counting(2).take(0).repeat())).toEqual([]);
  });

  it('maps samples, and batches, also by promises', async () => {
    const mapped = counting(3).map(async ({ x, y }) => ({
      x: luge.ops.add(x, 1),
      y: [(y.toArray() as number) * 10],
    }));
    expect((await mapped.toArray()).map(({ x, y }) => [x.toArray(), y.toArray()])).toEqual([
      [[1], [0]],
      [[2], [10]],
      [[3], [20]],
    ]);
    const shapes = counting(3)
      .batch(2)
      .map(({ x }) => ({ x: [x, x] }));
    const [first] = await shapes.toArray();
    expect(first?.x.map(({ shape }) => shape)).toEqual([
      [2, 1],
      [2, 1],
    ]);
  });

  it('keeps lists, records and weights', async () => {
    const x = { a: new Float32Array([1, 2, 3]), b: luge.tensor([[1], [2], [3]]) };
    const dataset = data.fromArrays({ x, y: [4, 5, 6], sampleWeight: [1, 0, 1] });
    const [batch] = await dataset.shuffle(1).batch(2).toArray();
    expect(Object.keys(batch ?? {})).toEqual(['x', 'y', 'sampleWeight']);
    expect(batch?.x.a.toArray()).toEqual([1, 2]);
    expect(batch?.x.b.toArray()).toEqual([[1], [2]]);
    expect(batch?.sampleWeight.toArray()).toEqual([1, 0]);
  });
});

describe('a generator', () => {
  function tracked(count: number) {
    const seen = { opened: 0, given: 0, closed: 0 };
    async function* generate() {
      seen.opened += 1;
      try {
        for (let i = 0; i < count; i++) {
          seen.given += 1;
          yield { x: [i], y: i };
        }
      } finally {
        seen.closed += 1;
      }
    }
    return { seen, dataset: data.fromGenerator(generate) };
  }

  it('gives samples, and is called for each pass', async () => {
    const { seen, dataset } = tracked(5);
    expect(dataset.size).toBeUndefined();
    expect(await labels(dataset.batch(2))).toEqual([[0, 1], [2, 3], [4]]);
    expect(await labels(dataset)).toEqual(range(0, 5));
    expect(seen).toEqual({ opened: 2, given: 10, closed: 2 });
    expect(data.fromGenerator(function* () {}, { size: 9 }).batch(2).size).toBe(5);
  });

  it('is closed when a pass ends early, and after an error', async () => {
    const { seen, dataset } = tracked(100);
    await labels(dataset.shuffle(3).batch(2).prefetch(2).take(1));
    expect(seen.closed).toBe(1);
    const failing = dataset.batch(2).map(() => {
      throw new Error('no');
    });
    await expect(failing.toArray()).rejects.toThrow('no');
    expect(seen.closed).toBe(2);
  });

  it('may use its arrays again', async () => {
    const dataset = data.fromGenerator(function* () {
      const x = new Float32Array(1);
      for (let i = 0; i < 4; i++) {
        x[0] = i;
        yield { x, y: i };
      }
    });
    expect(await labels(dataset.shuffle(2).batch(3))).toHaveLength(2);
  });

  it('goes on ahead with prefetch, and no further', async () => {
    const { seen, dataset } = tracked(20);
    const pass = dataset.prefetch(3)[Symbol.asyncIterator]();
    await pass.next();
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(seen.given).toBe(3);
    await pass.next();
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(seen.given).toBe(4);
    await pass.return();
    expect(seen.closed).toBe(1);
  });
});

describe('a data set refuses', () => {
  const dataset = counting(4);

  it.each([
    [() => dataset.batch(0), /batch: size must be a whole number of at least 1, but got 0/],
    [() => dataset.batch(2).batch(2), /in batches already/],
    [() => dataset.batch(2, { drop: true } as never), /Unknown batch option 'drop'/],
    [() => dataset.shuffle(2.5), /shuffle: buffer must be/],
    [() => dataset.shuffle(2, 0.5), /shuffle: seed must be a whole number/],
    [() => dataset.take(-1), /take: count must be/],
    [() => dataset.repeat(1.5), /repeat: times must be/],
    [() => dataset.prefetch(0), /prefetch: count must be/],
    [() => dataset.map(5 as never), /map: expected a function, but got number/],
    [
      () => data.fromArrays(luge.tensor([1, 2]) as never),
      /expected one object \{ x, y \}, but got Tensor/,
    ],
    [
      () => data.fromArrays({ y: [1] } as never),
      /fromArrays: expected one object \{ x, y \}, but got an obj/,
    ],
    [() => data.fromArrays({ x: [[1], [2]], y: [1] }), /as many samples.*\[2, 1\].*\[1\]/],
    [() => data.fromArrays({ x: 'abc' } as never), /fromArrays: x: expected a tensor.*'abc'/],
    [() => data.fromGenerator((() => {})() as never), /expected a function.*only once/],
  ])('%s', (make, message) => {
    expect(make).toThrow(luge.LugeError);
    expect(make).toThrow(message);
  });

  it('samples that are not alike', async () => {
    const uneven = data.fromGenerator(function* () {
      yield { x: [1, 2], y: 0 };
      yield { x: [1, 2, 3], y: 0 };
    });
    await expect(uneven.batch(2).toArray()).rejects.toThrow(
      /batch: the samples of a batch must be alike, but one holds float32 \[2\] where another holds float32 \[3\]/,
    );
    expect((await uneven.toArray()).length).toBe(2);
  });

  it('functions that give nothing', async () => {
    await expect(dataset.map(() => undefined as never).toArray()).rejects.toThrow(
      /map: expected one object \{ x, y \}, but got undefined/,
    );
    await expect(data.fromGenerator(() => 5 as never).toArray()).rejects.toThrow(
      /the function must answer with an iterable.*gave number/,
    );
    const odd = data.fromGenerator(function* () {
      yield { x: [1], y: 1 };
      yield [1, 2] as never;
    });
    await expect(odd.toArray()).rejects.toThrow(/fromGenerator: element 1: expected one object/);
  });
});
