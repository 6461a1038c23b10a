import { describe, expect, it } from 'vitest';
import { sizeOf } from '../../lib/core/shape.js';
import { tensor } from '../../lib/core/tensor.js';
import { type ImagesOptions, images } from '../../lib/plots/index.js';
import { find, parseSvg, texts } from '../pictures/parse_svg.js';
import { drawnImages, shrink } from './drawn_images.js';

/** Gray values of images drawn at scale 2. */
function grays(values: number[], options: ImagesOptions = {}, dtype?: 'uint8'): number[] {
  const one = tensor(values, [1, 1, values.length], dtype);
  const root = parseSvg(images(one, { scale: 2, ...options }));
  return shrink(drawnImages(root)[0] as number[][][], 2).flat(2);
}

describe('plots.images', () => {
  it('draws bytes as they are, row by row', () => {
    const x = tensor(
      Uint8Array.from({ length: 12 }, (_, i) => i * 20),
      [2, 2, 3],
    );
    const root = parseSvg(images(x, { scale: 1 }));
    expect(drawnImages(root)).toEqual([
      [
        [[0], [20], [40]],
        [[60], [80], [100]],
      ],
      [
        [[120], [140], [160]],
        [[180], [200], [220]],
      ],
    ]);
    expect(find(root, 'image')[0]?.attributes).toMatchObject({ width: '3', height: '2' });
  });

  it('draws colors', () => {
    const x = tensor(Uint8Array.of(255, 0, 0, 0, 0, 255), [1, 1, 2, 3]);
    expect(drawnImages(parseSvg(images(x, { scale: 1 })))).toEqual([
      [
        [
          [255, 0, 0],
          [0, 0, 255],
        ],
      ],
    ]);
  });

  it.each([
    ['[rows, columns]', [2, 3]],
    ['[n, rows, columns]', [1, 2, 3]],
    ['[n, rows, columns, 1]', [1, 2, 3, 1]],
  ])('takes %s', (_, shape) => {
    const root = parseSvg(images(tensor(new Uint8Array(6), shape)));
    expect(drawnImages(root)).toHaveLength(1);
    expect(find(root, 'image')[0]?.attributes).toMatchObject({ width: '72', height: '48' });
  });

  it('takes many small images for filters and one large for a color image', () => {
    const count = (shape: number[]) =>
      find(parseSvg(images(tensor(new Float32Array(sizeOf(shape)), shape))), 'image').length;
    expect([count([9, 3, 3]), count([6, 5, 3]), count([9, 5, 1]), count([3, 4, 4])]).toEqual([
      9, 1, 1, 3,
    ]);
  });

  it('stretches numbers by the range', () => {
    expect(grays([0, 0.5, 1])).toEqual([0, 128, 255]);
    expect(grays([-1, 0, 3])).toEqual([0, 64, 255]);
    expect(grays([0.2, 0.4], { range: 'shared' })).toEqual([0, 255]);
    expect(grays([-1, 0, 3], { range: [0, 2] })).toEqual([0, 0, 255]);
    expect(grays([10, 20], {}, 'uint8')).toEqual([10, 20]);
    expect(grays([10, 20], { range: 'each' }, 'uint8')).toEqual([0, 255]);
    expect(grays([0, 51, 255], { invert: true }, 'uint8')).toEqual([255, 204, 0]);
    expect(grays([7, 7], { range: 'shared' })).toEqual([0, 0]);
  });

  it('tells images of one range from those of each its own', () => {
    const x = tensor([0, 1, 2, 4], [2, 1, 2]);
    const drawn = (range: 'shared' | 'each') =>
      drawnImages(parseSvg(images(x, { range, scale: 1 }))).map((image) => image.flat(2));
    expect(drawn('shared')).toEqual([
      [0, 64],
      [128, 255],
    ]);
    expect(drawn('each')).toEqual([
      [0, 255],
      [0, 255],
    ]);
  });

  it('draws viridis, and what is not finite red', () => {
    expect(grays([0, 1], { colors: 'viridis' })).toEqual([0x44, 0x01, 0x54, 0xfd, 0xe7, 0x25]);
    const red = [0xc5, 0x30, 0x30];
    expect(grays([0, Number.NaN, 1, Number.POSITIVE_INFINITY])).toEqual([
      ...[0, 0, 0],
      ...red,
      ...[255, 255, 255],
      ...red,
    ]);
    expect(grays([Number.NaN])).toEqual(red);
  });

  it('puts labels below, escaped, and never over each other', () => {
    const x = tensor(new Uint8Array(3 * 16), [3, 4, 4]);
    const labels = ['<a> & b', 'a name that is longer than the image', 3];
    const root = parseSvg(images(x, { labels, scale: 2, columns: 3, title: 'A "title"' }));
    expect(texts(root)).toEqual([
      'A "title"',
      '<a> & b',
      'a name that is longer than the image',
      '3',
    ]);
    const [first, second] = find(root, 'text')
      .slice(1)
      .map(({ attributes }) => Number(attributes.x)) as [number, number];
    expect(second - first).toBeGreaterThan((labels[1] as string).length * 6);
    expect(Number(root.attributes.width)).toBeGreaterThan(3 * (second - first));
  });

  it('takes the classes as a tensor', () => {
    const x = tensor(new Uint8Array(8), [2, 2, 2]);
    expect(texts(parseSvg(images(x, { labels: tensor(Int32Array.of(7, 2)) })))).toEqual(['7', '2']);
  });

  it.each([
    [1, 1],
    [2, 2],
    [5, 5],
    [20, 5],
    [33, 11],
    [64, 8],
    [97, 13],
  ])('lays out %i images in %i columns', (count, columns) => {
    const root = parseSvg(images(tensor(new Uint8Array(count * 4), [count, 2, 2])));
    const lefts = find(root, 'image').map(({ attributes }) => attributes.x);
    expect(new Set(lefts).size).toBe(columns);
    const bottom = Math.max(...find(root, 'image').map(({ attributes }) => Number(attributes.y)));
    expect(Number(root.attributes.height)).toBeGreaterThan(bottom + 72);
  });

  it('shrinks large images', () => {
    const root = parseSvg(images(tensor(new Uint8Array(288 * 144), [288, 144])));
    expect(find(root, 'image')[0]?.attributes).toMatchObject({ width: '72', height: '144' });
  });

  it.each([
    [[5], {}, 'BAD_SHAPE', 'but got shape [5]'],
    [[1, 2, 2, 2], {}, 'BAD_SHAPE', 'with 1 or 3 channels'],
    [[0, 2, 2], {}, 'BAD_SHAPE', 'but got shape [0, 2, 2]'],
    [[2001, 1, 1, 1], {}, 'BAD_ARGUMENT', 'rows(0, 100)'],
    [[21_400, 784], {}, 'BAD_ARGUMENT', 'x.reshape([-1, 28, 28])'],
    [[2, 2, 2], { labels: ['a'] }, 'BAD_ARGUMENT', 'each of the 2 images, but got 1'],
    [[2, 2, 2], { labels: 'ab' }, 'BAD_ARGUMENT', 'but got string'],
    [[2, 2, 2], { columns: 0 }, 'BAD_ARGUMENT', 'columns'],
    [[2, 2, 2], { scale: 0 }, 'BAD_ARGUMENT', 'scale'],
    [[2, 2, 2], { range: [1, 1] }, 'BAD_ARGUMENT', 'low below high'],
    [[2, 2, 2], { range: 'every' }, 'UNKNOWN_NAME', "'every'"],
    [[2, 2, 2], { colors: 'grey' }, 'UNKNOWN_NAME', "Did you mean 'gray'"],
    [[2, 2, 2], { collumns: 2 }, 'UNKNOWN_NAME', "Did you mean 'columns'"],
  ])('refuses shape %j with %j', (shape, options, code, message) => {
    const x = tensor(new Uint8Array(shape.reduce((size, dim) => size * dim, 1)), shape);
    expect(() => images(x, options as never)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});
