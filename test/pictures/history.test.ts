import { describe, expect, it } from 'vitest';
import { colors } from '../../lib/pictures/svg.js';
import { history } from '../../lib/plots/index.js';
import { find, parseSvg, type SvgNode, texts } from './parse_svg.js';

const run = {
  accuracy: [0.7, 0.9, 0.95],
  loss: [1, 0.5, 0.25],
  val_accuracy: [0.8, 0.85, 0.9],
  val_loss: [0.9, 0.6, 0.4],
};

function lines(node: SvgNode, color: string): [number, number][][] {
  return find(node, 'polyline')
    .filter(({ attributes }) => attributes.stroke === color)
    .map(({ attributes }) =>
      (attributes.points ?? '')
        .split(' ')
        .map((pair) => pair.split(',').map(Number) as [number, number]),
    );
}

function titles(node: SvgNode): string[] {
  return find(node, 'text')
    .filter(({ attributes }) => attributes['font-weight'] === 'bold')
    .map(({ text }) => text);
}

describe('plots.history', () => {
  it('draws a panel a metric, the loss first, training and validation in each', () => {
    const root = parseSvg(history(run));
    expect(titles(root)).toEqual(['Loss', 'Accuracy']);
    expect(lines(root, colors.blue)).toHaveLength(2);
    expect(lines(root, colors.orange)).toHaveLength(2);
    expect(find(root, 'circle')).toHaveLength(12);
    for (const label of ['training 0.25', 'validation 0.4', 'training 0.95', 'validation 0.9']) {
      expect(texts(root)).toContain(label);
    }
  });

  it('puts the values where the ticks say', () => {
    const root = parseSvg(history({ loss: [1, 0.5, 0.25] }));
    const tick = (content: string, axis: 'x' | 'y') => {
      const found = find(root, 'text').find(({ text }) => text === content);
      return Number(found?.attributes[axis]) - (axis === 'y' ? 4 : 0);
    };
    const [line] = lines(root, colors.blue);
    const high = tick('1.0', 'y');
    const low = tick('0.2', 'y');
    expect(line?.map(([x]) => x)).toEqual(['1', '2', '3'].map((epoch) => tick(epoch, 'x')));
    expect(line?.[0]?.[1]).toBeCloseTo(high, 1);
    expect(line?.[1]?.[1]).toBeCloseTo(low + ((0.5 - 0.2) / 0.8) * (high - low), 1);
    expect(high).toBeLessThan(low);
  });

  it('keeps all lines inside the picture', () => {
    const root = parseSvg(history({ ...run, lr: [1e-3, 1e-4, 1e-9] }));
    const [width, height] = [Number(root.attributes.width), Number(root.attributes.height)];
    for (const [x, y] of [...lines(root, colors.blue), ...lines(root, colors.orange)].flat()) {
      expect(x > 0 && x < width && y > 0 && y < height).toBe(true);
    }
    expect(height).toBe(640);
  });

  it('takes what fit returns, and counts from its first epoch', () => {
    const root = parseSvg(history({ history: { loss: [1, 2] }, epoch: [10, 11] }));
    expect(texts(root)).toEqual(expect.arrayContaining(['11', '12']));
    expect(texts(root)).not.toContain('10');
  });

  it('reads metric names', () => {
    const root = parseSvg(history({ mean_absolute_error: [1], topKAccuracy: [1], val_auc: [1] }));
    expect(titles(root)).toEqual(['Mean absolute error', 'Top k accuracy', 'Auc']);
    expect(texts(root)).toContain('validation 1');
  });

  it('leaves gaps at NaN and infinity and says so', () => {
    const root = parseSvg(history({ loss: [3, 2, Number.NaN, 1, Number.POSITIVE_INFINITY, 1, 0] }));
    expect(lines(root, colors.blue).map((line) => line.length)).toEqual([2, 2]);
    expect(find(root, 'circle')).toHaveLength(5);
    expect(texts(root)).toContain('training: NaN at epoch 3');
  });

  it('draws a run that never had a finite value, and one of a single epoch', () => {
    const root = parseSvg(history({ loss: [Number.NaN, Number.NaN] }));
    expect(texts(root)).toEqual(
      expect.arrayContaining(['training NaN', 'training: NaN at epoch 1']),
    );
    expect(history({ loss: [Number.NaN] }).svg).not.toMatch(/="[^"]*(NaN|Infinity)/);
    const single = parseSvg(history({ loss: [0.5] }));
    expect(find(single, 'circle')).toHaveLength(1);
    expect(lines(single, colors.blue)).toHaveLength(0);
  });

  it('has no dots where they would run together', () => {
    const root = parseSvg(history({ loss: Array.from({ length: 200 }, (_, i) => 1 / (i + 1)) }));
    expect(find(root, 'circle')).toHaveLength(0);
    expect(lines(root, colors.blue)[0]).toHaveLength(200);
    expect(texts(root)).not.toContain('0');
  });

  it('has no tick between epochs', () => {
    const root = parseSvg(history({ loss: [3, 2, 1] }));
    const epochs = find(root, 'text').filter(
      ({ attributes }) => attributes['text-anchor'] === 'middle',
    );
    expect(epochs.map(({ text }) => text)).toEqual(['1', '2', '3', 'Epoch']);
  });

  it('compares runs: a color each, validation dashed, names and last values in the legend', () => {
    const slow = { history: { loss: [1, 0.9], val_loss: [1, 0.95] }, epoch: [0, 1] };
    const fast = { loss: [1, 0.2], val_loss: [1, 0.3] };
    const root = parseSvg(history([slow, fast], { labels: ['sgd', 'adam & co'] }));
    for (const label of ['sgd 0.9 / 0.95', 'adam & co 0.2 / 0.3', 'training', 'validation']) {
      expect(texts(root)).toContain(label);
    }
    const drawn = find(root, 'polyline').map(({ attributes }) => [
      attributes.stroke,
      attributes['stroke-dasharray'] !== undefined,
    ]);
    expect(drawn).toEqual([
      [colors.blue, false],
      [colors.blue, true],
      [colors.orange, false],
      [colors.orange, true],
    ]);
  });

  it('makes room for a long legend', () => {
    const runs = Array.from({ length: 6 }, () => ({ loss: [1, 2] }));
    const labels = runs.map((_, i) => `a rather long name of run ${i}`);
    const root = parseSvg(history(runs, { labels }));
    expect(Number(root.attributes.height)).toBeGreaterThan(400);
    const baselines = labels.map((label) =>
      Number(find(root, 'text').find(({ text }) => text === `${label} 2`)?.attributes.y),
    );
    expect(new Set(baselines).size).toBe(6);
    expect(texts(parseSvg(history(runs)))).toContain('run 6 2');
  });

  it('shows chosen metrics in the order given', () => {
    expect(titles(parseSvg(history(run, { metrics: ['accuracy', 'loss'] })))).toEqual([
      'Accuracy',
      'Loss',
    ]);
  });

  it('spreads out small values on a logarithmic axis, where 0 has no place', () => {
    const root = parseSvg(history({ loss: [1, 0.1, 0.01, 0] }, { yScale: 'log' }));
    const [line] = lines(root, colors.blue) as [[number, number][]];
    const [first, second, third] = line.map(([, y]) => y) as [number, number, number];
    expect(second - first).toBeCloseTo(third - second, 1);
    expect(texts(root)).toContain('training: 0 at epoch 4');
  });

  it.each([
    [{}, 'empty'],
    [{ loss: [] }, 'empty'],
    [{ history: {}, epoch: [] }, 'empty'],
    [[], 'empty'],
    [{ loss: 0.5 }, 'a record of arrays'],
  ])('refuses %j', (bad, message) => {
    expect(() => history(bad as never)).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT', message: expect.stringContaining(message) }),
    );
  });

  it.each([
    [{ labels: ['a', 'b'] }, 'BAD_ARGUMENT', 'must name the 1 runs'],
    [{ metrics: ['acc'] }, 'UNKNOWN_NAME', "no metric 'acc' in the history; it has accuracy, loss"],
    [{ yscale: 'log' }, 'UNKNOWN_NAME', "Did you mean 'yScale'"],
    [{ yScale: 'logarithmic' }, 'UNKNOWN_NAME', "'logarithmic'"],
  ])('refuses the options %j', (options, code, message) => {
    expect(() => history(run, options as never)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});
