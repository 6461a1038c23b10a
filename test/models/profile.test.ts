import { describe, expect, it } from 'vitest';
import { chromeTrace, costs, costTable, flopsOf } from '../../bench/profile_table.js';
import * as luge from '../../lib/index.js';
import { classifier, clusters, failure, weightsOf } from './small_data.js';

const { layers } = luge;

describe('profile', () => {
  it('trains so many steps, also over the samples again, and counts each instruction', async () => {
    const { x, y } = clusters(100);
    const model = classifier();
    const before = weightsOf(model);
    const rows = await model.profile(x, y, { batchSize: 16, steps: 15 });
    expect(rows.length).toBeGreaterThan(3);
    expect(rows.every(({ count, nanoseconds }) => count === 15 && nanoseconds > 0)).toBe(true);
    expect(model.optimizer.iterations).toBe(15);
    expect(weightsOf(model)).not.toEqual(before);
  });

  it('measures anew each time', async () => {
    const { x, y } = clusters(40);
    const model = classifier();
    await model.profile(x, y, { steps: 3 });
    const rows = await model.profile(x, y, { steps: 2 });
    expect(rows.map(({ count }) => count)).toEqual(rows.map(() => 2));
  });

  it('refuses no steps', async () => {
    const { x, y } = clusters(40);
    expect((await failure(() => classifier().profile(x, y, { steps: 0 }))).message).toMatch(
      /profile: steps/,
    );
  });
});

describe('profilePredict', () => {
  it('counts each instruction of so many predictions, and changes nothing', async () => {
    const { x } = clusters(100);
    const model = classifier();
    const before = weightsOf(model);
    const rows = await model.profilePredict(x, { batchSize: 16, steps: 15 });
    expect(rows.some(({ op }) => op === 'softmax')).toBe(true);
    expect(rows.every(({ count, nanoseconds }) => count === 15 && nanoseconds > 0)).toBe(true);
    expect(model.optimizer.iterations).toBe(0);
    expect(weightsOf(model)).toEqual(before);
  });

  it('needs neither compile nor a whole batch', async () => {
    const model = luge.sequential([layers.dense({ units: 2, inputShape: [3] })]);
    const rows = await model.profilePredict(luge.tensor(new Float32Array(15), [5, 3]), {
      steps: 4,
    });
    expect(rows.map(({ op, count }) => [op, count])).toEqual([['matmul', 4]]);
    expect(rows[0]?.outputs[0]?.shape).toEqual([1, 5, 2]);
  });

  it('counts what depends on weights alone once', async () => {
    const model = luge.sequential([
      layers.conv2d({ filters: 32, kernelSize: 3, padding: 'same', inputShape: [16, 16, 32] }),
    ]);
    const x = luge.tensor(new Float32Array(8 * 16 * 16 * 32), [8, 16, 16, 32]);
    const counts = async () => {
      const rows = await model.profilePredict(x, { steps: 3 });
      return Object.fromEntries(rows.map(({ op, count }) => [op, count]));
    };
    expect(await counts()).toEqual({ winograd_weight: 1, winograd_conv2d: 3 });
    expect(await counts()).toEqual({ winograd_weight: 0, winograd_conv2d: 3 });
  });

  it('refuses while the model trains', async () => {
    const { x, y } = clusters(40);
    const model = classifier();
    const training = model.fit(x, y, { epochs: 2, verbose: 0 });
    const error = await failure(() => model.profilePredict(x));
    expect([error.code, error.message]).toEqual([
      'BUSY',
      expect.stringMatching(/profilePredict cannot run while fit is under way/),
    ]);
    await training;
  });
});

describe('costs of a step', () => {
  it('know the operations of products and convolutions', async () => {
    const model = luge.sequential([
      layers.conv2d({ filters: 5, kernelSize: 3, inputShape: [8, 7, 2] }),
      layers.conv2d({ filters: 4, kernelSize: 2 }),
      layers.flatten(),
      layers.dense({ units: 3 }),
    ]);
    model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
    const x = luge.tensor(new Float32Array(6 * 8 * 7 * 2).fill(1), [6, 8, 7, 2]);
    const y = luge.tensor(new Float32Array(6 * 3), [6, 3]);
    const rows = await model.profile(x, y, { batchSize: 6, steps: 2 });

    const first = 2 * 6 * (6 * 5 * 5) * (3 * 3 * 2);
    const second = 2 * 6 * (5 * 4 * 4) * (2 * 2 * 5);
    const dense = 2 * 6 * (5 * 4 * 4) * 3;
    const flops = (op: string) => rows.filter((row) => row.op === op).map(flopsOf);
    const ascending = (list: (number | undefined)[]) => list.map(Number).sort((a, b) => a - b);
    expect(ascending(flops('conv2d'))).toEqual(ascending([first, second]));
    expect(flops('conv2d_dx')).toEqual([second]);
    expect(ascending(flops('conv2d_dweight'))).toEqual(ascending([first, second]));
    expect(flops('matmul')).toEqual([dense, dense, dense]);
  });

  it('are parts of one for what does not run at every step', () => {
    const operand = { shape: [1000], dtype: 'float32' } as const;
    const row = { scope: '', inputs: [operand], outputs: [operand] };
    const step = costs([
      { ...row, op: 'pack', count: 1, nanoseconds: 8_000 },
      { ...row, op: 'never', count: 0, nanoseconds: 0 },
      { ...row, op: 'map', count: 4, nanoseconds: 8_000 },
    ]);
    expect(
      step.map(({ op, microseconds, share, gbytes }) => [op, microseconds, share, gbytes]),
    ).toEqual([
      ['pack', 2, 0.5, 1],
      ['map', 2, 0.5, 4],
    ]);
  });

  it('are listed from the highest on, and drawn one behind the other', () => {
    const operand = { shape: [10, 100], dtype: 'float32' } as const;
    const row = { scope: 'dense', count: 4, inputs: [operand], outputs: [operand] };
    const step = costs([
      { ...row, op: 'map', nanoseconds: 4_000 },
      { ...row, op: 'softmax', nanoseconds: 12_000 },
    ]);
    expect(step.map(({ microseconds }) => microseconds)).toEqual([1, 3]);
    expect(step[0]).toMatchObject({ share: 0.25, gbytes: 8, gflops: undefined });
    const lines = costTable(step).split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      'instruction',
      'softmax',
      'map',
      'total',
    ]);
    expect(lines.at(-1)).toMatch(/ 4\.0 +100\.0%$/);
    expect(chromeTrace(step)).toMatchObject({
      traceEvents: [
        { name: 'map', cat: 'dense', ts: 0, dur: 1 },
        { name: 'softmax', cat: 'dense', ts: 1, dur: 3 },
      ],
    });
  });
});
