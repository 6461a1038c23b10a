import { describe, expect, it } from 'vitest';
import { input, layers, model, ops, plots, sequential, tensor } from '../../lib/index.js';
import { find, parseSvg, texts } from '../pictures/parse_svg.js';

describe('plots.network', () => {
  it('draws a box a layer with class, shape and parameters, and an arrow between', () => {
    const net = sequential({
      name: 'a <small> net',
      layers: [
        layers.conv2d({ filters: 2, kernelSize: 3, inputShape: [8, 8, 1], name: 'first' }),
        layers.flatten({ name: 'flat' }),
        layers.dense({ units: 100, name: 'last & least' }),
      ],
    });
    const root = parseSvg(plots.network(net));
    expect(texts(root)).toEqual(
      expect.arrayContaining([
        ...['a <small> net', 'first', 'Conv2D', '[null, 6, 6, 2] · 20 params'],
        ...['flat', 'Flatten', '[null, 72]', 'last & least', '[null, 100] · 7,300 params'],
      ]),
    );
    expect(find(root, 'rect')).toHaveLength(1 + 4);
    expect(find(root, 'path')).toHaveLength(2 * 3);
    expect(texts(parseSvg(plots.network(net, { title: '' })))).not.toContain('a <small> net');
  });

  it('draws branches, operations, layers applied twice and models inside', () => {
    const x = input({ shape: [4], name: 'x' });
    const shared = layers.dense({ units: 4, name: 'shared' });
    const inner = sequential({
      name: 'inner',
      layers: [layers.dense({ units: 4, inputShape: [4] })],
    });
    const sum = ops.add(shared.apply(shared.apply(x)), inner.apply(x));
    const root = parseSvg(
      plots.network(model({ inputs: x, outputs: [sum, shared.output].flat() })),
    );
    const shown = texts(root);
    expect(shown.filter((text) => text === 'shared')).toHaveLength(2);
    expect(shown).toEqual(
      expect.arrayContaining(['x', 'Input', 'inner', 'Sequential', 'operation']),
    );
    expect(find(root, 'path')).toHaveLength(2 * 5);
  });

  it('refuses a model without a known input, and unknown options', () => {
    const unbuilt = sequential([layers.dense({ units: 1 })]);
    expect(() => plots.network(unbuilt)).toThrow(expect.objectContaining({ code: 'NOT_BUILT' }));
    expect(() => plots.network(layers.dense({ units: 1 }) as never)).toThrow(
      /but got a layer alone/,
    );
    expect(() => plots.network(unbuilt, { tittle: 'x' } as never)).toThrow(/Did you mean 'title'/);
  });
});

describe('plots.weightHistogram', () => {
  const layer = layers.dense({ units: 2, inputShape: [3], name: 'd' });
  sequential([layer]);

  it('draws a histogram a weight, its bars as high as there are numbers', () => {
    layer.setWeights([tensor([0, 0, 0, 1, 1, 4], [3, 2]), tensor([0.5, 0.5])]);
    const root = parseSvg(plots.weightHistogram(layer, { bins: 4 }));
    expect(texts(root)).toEqual(
      expect.arrayContaining([
        ...['Weights of d', 'd/kernel [3, 2]', 'd/bias [2]'],
        ...['mean 1, deviation 1.41', 'mean 0.5, deviation 0'],
      ]),
    );
    const heights = find(root, 'rect')
      .slice(1)
      .map(({ attributes }) => Number(attributes.height));
    expect(heights.map((height) => height / 88)).toEqual([
      ...[1, 2 / 3, 0, 1 / 3].map((share) => expect.closeTo(share, 3)),
      ...[0, 0, 1, 0],
    ]);
  });

  it('counts what is not finite', () => {
    const infinite = tensor([Number.NaN, 0, 0, 1, Number.POSITIVE_INFINITY, 4], [3, 2]);
    layer.setWeights([infinite, tensor([Number.NaN, Number.NaN])]);
    const picture = plots.weightHistogram(layer);
    expect(texts(parseSvg(picture)).filter((text) => text === '2 not finite')).toHaveLength(2);
    expect(picture.svg).not.toMatch(/="[^"]*NaN/);
  });

  it('refuses what has no weights, and no bins', () => {
    const flat = layers.flatten({ inputShape: [2], name: 'f' });
    sequential([flat]);
    expect(() => plots.weightHistogram(flat)).toThrow(/'f' has no weights/);
    expect(() => plots.weightHistogram('d' as never)).toThrow(/but got the text 'd'/);
    expect(() => plots.weightHistogram(layer, { bins: 0 })).toThrow(/bins/);
    expect(() => plots.weightHistogram(layers.dense({ units: 1 }))).toThrow(
      expect.objectContaining({ code: 'NOT_BUILT' }),
    );
  });
});
