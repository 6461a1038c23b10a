import { describe, expect, it } from 'vitest';
import { history } from '../../lib/plots/index.js';
import { colors } from '../../lib/plots/svg.js';
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
    expect(texts(root)).toContain('training: NaN in epoch 3');
  });

  it('draws a run that never had a finite value, and one of a single epoch', () => {
    const root = parseSvg(history({ loss: [Number.NaN, Number.NaN] }));
    expect(texts(root)).toEqual(
      expect.arrayContaining(['training NaN', 'training: NaN in epoch 1']),
    );
    expect(history({ loss: [Number.NaN] })).not.toMatch(/="[^"]*(NaN|Infinity)/);
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

  it.each([[{}], [{ loss: [] }], [{ history: {}, epoch: [] }]])('refuses %j', (empty) => {
    expect(() => history(empty)).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT', message: expect.stringContaining('empty') }),
    );
  });
});
