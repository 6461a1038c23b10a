import { describe, expect, it } from 'vitest';
import { layers, model, plots, sequential, type Tensor, tensor } from '../../lib/index.js';
import { find, parseSvg, texts } from '../pictures/parse_svg.js';
import { drawnImages } from './drawn_images.js';

/** Two maps of 3 x 3 to 2 x 2: the sum of the upper row of a window, and minus that. */
function tiny() {
  const convolution = layers.conv2d({
    filters: 2,
    kernelSize: 2,
    name: 'conv',
    inputShape: [3, 3, 1],
  });
  const net = sequential([convolution, layers.flatten(), layers.dense({ units: 2, name: 'out' })]);
  const kernel = tensor([1, -1, 1, -1, 0, 0, 0, 0], [2, 2, 1, 2]);
  convolution.setWeights([kernel, tensor([0, 0])]);
  return { net, convolution };
}

const image = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [3, 3, 1]);

describe('plots.featureMaps', () => {
  it('draws every map of a layer', async () => {
    const { net } = tiny();
    const root = parseSvg(await plots.featureMaps(net, 'conv', image, { scale: 1 }));
    // 3, 5, 9, 11 and minus that, from -11 black to 11 white.
    const gray = (value: number) => [Math.round(((value + 11) / 22) * 255)];
    expect(drawnImages(root)).toEqual([
      [
        [gray(3), gray(5)],
        [gray(9), gray(11)],
      ],
      [
        [gray(-3), gray(-5)],
        [gray(-9), gray(-11)],
      ],
    ]);
    expect(texts(root)).toEqual(['conv: 2 maps of 2 x 2']);
  });

  it('takes a layer, its place, and images of several shapes', async () => {
    const { net, convolution } = tiny();
    const expected = (await plots.featureMaps(net, 'conv', image)).svg;
    for (const layer of [convolution, 0, -3]) {
      expect((await plots.featureMaps(net, layer, image)).svg).toBe(expected);
    }
    for (const shape of [
      [3, 3],
      [1, 3, 3, 1],
      [1, 3, 3],
    ]) {
      expect((await plots.featureMaps(net, 'conv', image.reshape(shape))).svg).toBe(expected);
    }
  });

  it('draws what the layer makes in this model, not where it was applied first', async () => {
    const { net, convolution } = tiny();
    const doubled = layers.rescaling({ scale: 2, inputShape: [3, 3, 1] });
    const other = sequential([doubled, convolution]);
    const maps = parseSvg(
      await plots.featureMaps(other, 'conv', image, { range: [-22, 22], scale: 1 }),
    );
    const first = parseSvg(
      await plots.featureMaps(net, 'conv', image, { range: [-11, 11], scale: 1 }),
    );
    expect(drawnImages(maps)).toEqual(drawnImages(first));
  });

  it.each([
    ['dense', image, 'UNKNOWN_NAME', "layer of model 'sequential"],
    [
      'out',
      image,
      'BAD_SHAPE',
      "gives [null, 2], not maps [null, rows, columns, maps]. Layers with maps: 'conv'",
    ],
    ['conv', image.reshape([9]), 'BAD_SHAPE', 'one image of shape [3, 3, 1], but got [9]'],
    ['conv', tensor(new Float32Array(18), [2, 3, 3, 1]), 'BAD_SHAPE', 'Take one with rows(0, 1)'],
  ])('refuses layer %s on %s', async (layer, x, code, message) => {
    const { net } = tiny();
    await expect(plots.featureMaps(net, layer, x as Tensor)).rejects.toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });

  it('refuses a model of several inputs, a layer of another model, and unknown options', async () => {
    const { net } = tiny();
    const [a, b] = [0, 1].map(() => layers.input({ shape: [2, 2, 1] }));
    const two = model({
      inputs: [a as never, b as never],
      outputs: layers.add({ name: 'sum' }).apply([a as never, b as never]),
    });
    await expect(plots.featureMaps(two, 'sum', image)).rejects.toThrow(/'functional.*' has 2/);
    const foreign = layers.dense({ units: 1, name: 'foreign' });
    await expect(plots.featureMaps(net, foreign, image)).rejects.toThrow(
      /'foreign' computes nothing/,
    );
    await expect(plots.featureMaps(net, 0, image, { labels: [] } as never)).rejects.toThrow(
      /'labels'/,
    );
  });
});

describe('plots.filters', () => {
  it('draws a filter an image, through an activation', () => {
    const { convolution } = tiny();
    const root = parseSvg(plots.filters(convolution, { scale: 1 }));
    expect(drawnImages(root)).toEqual([
      [
        [[255], [255]],
        [[128], [128]],
      ],
      [
        [[0], [0]],
        [[128], [128]],
      ],
    ]);
    expect(texts(root)).toEqual(['conv: 2 filters of 2 x 2']);
    const squashed = plots.filters(convolution, { scale: 1, activation: 'sigmoid', range: [0, 1] });
    const byte = Math.round(255 / (1 + Math.exp(-1)));
    expect(drawnImages(parseSvg(squashed))[0]?.[0]).toEqual([[byte], [byte]]);
  });

  it('draws filters of three channels in color, those of others as a row each', () => {
    const filtersOf = (channels: number) => {
      const layer = layers.conv2d({ filters: 4, kernelSize: 3, inputShape: [8, 8, channels] });
      sequential([layer]);
      return parseSvg(plots.filters(layer, { scale: 1 }));
    };
    const color = drawnImages(filtersOf(3));
    expect([color.length, color[0]?.[0]?.[0]?.length]).toEqual([4, 3]);
    const gray = find(filtersOf(5), 'image');
    expect(gray).toHaveLength(20);
    expect(new Set(gray.map(({ attributes }) => attributes.y)).size).toBe(4);
  });

  it('puts the weights of a row of images where they belong', () => {
    const layer = layers.conv2d({ filters: 2, kernelSize: [1, 2], inputShape: [4, 4, 2] });
    sequential([layer]);
    const kernel = tensor(Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7), [1, 2, 2, 2], 'float32');
    layer.setWeights([kernel, tensor([0, 0])]);
    const drawn = drawnImages(parseSvg(plots.filters(layer, { scale: 1, range: [0, 255] })));
    expect(drawn.map((image) => image.flat(2))).toEqual([
      [0, 4],
      [2, 6],
      [1, 5],
      [3, 7],
    ]);
  });

  it('draws a convolution in 1-D as a row', () => {
    const layer = layers.conv1d({ filters: 3, kernelSize: 5, inputShape: [10, 1] });
    sequential([layer]);
    expect(texts(parseSvg(plots.filters(layer)))).toEqual([`${layer.name}: 3 filters of 1 x 5`]);
  });

  it('refuses what is no layer or model', async () => {
    const { net } = tiny();
    const refusal = (message: string) =>
      expect.objectContaining({ code: 'BAD_ARGUMENT', message: expect.stringContaining(message) });
    expect(() => plots.filters('conv' as never)).toThrow(
      refusal("model.getLayer('conv2d'), but got the text 'conv'"),
    );
    await expect(plots.featureMaps('conv' as never, net as never, image)).rejects.toThrow(
      refusal("takes a model first, but got the text 'conv'"),
    );
    await expect(plots.featureMaps(net, 'conv', undefined as never)).rejects.toThrow(
      /image: expected/,
    );
  });

  it('refuses layers without filters', () => {
    const { net } = tiny();
    const refusal = (code: string, message: string) =>
      expect.objectContaining({ code, message: expect.stringContaining(message) });
    expect(() => plots.filters(net.getLayer(1))).toThrow(refusal('UNSUPPORTED', 'no weights'));
    expect(() => plots.filters(net.getLayer('out'))).toThrow(refusal('UNSUPPORTED', '[8, 2]'));
    const unbuilt = layers.conv2d({ filters: 1, kernelSize: 1 });
    expect(() => plots.filters(unbuilt)).toThrow(refusal('NOT_BUILT', 'no weights yet'));
    expect(() => plots.filters(net.getLayer(0), { activation: 'sigmoit' })).toThrow(
      refusal('UNKNOWN_NAME', "'sigmoid'"),
    );
  });
});
