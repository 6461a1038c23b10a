import { describe, expect, it } from 'vitest';
import '../../lib/index.js';
import { tensor } from '../../lib/core/tensor.js';
import { misclassified } from '../../lib/plots/index.js';
import { find, parseSvg, texts } from '../pictures/parse_svg.js';
import { drawnImages } from './drawn_images.js';

// Image i is of value 10 * i all over.
const x = tensor(
  Uint8Array.from({ length: 5 * 4 }, (_, i) => 10 * Math.floor(i / 4)),
  [5, 2, 2, 1],
);
const truth = [0, 1, 2, 1, 0];
const guess = [0, 2, 2, 0, 0];

describe('plots.misclassified', () => {
  it('draws the wrong ones, truth above guess at the right', () => {
    const root = parseSvg(misclassified(x, truth, guess));
    expect(drawnImages(root).map((image) => image[0]?.[0]?.[0])).toEqual([10, 30]);
    expect(texts(root)).toEqual([
      'Misclassified',
      '2 of 5 wrong (40.00%) (top right: truth, bottom right: guess)',
      ...['1', '2'],
      ...['1', '0'],
    ]);
    const [image] = find(root, 'image');
    const [top, bottom] = find(root, 'text').slice(2);
    const right = Number(image?.attributes.x) + Number(image?.attributes.width);
    expect(Number(top?.attributes.x)).toBeGreaterThanOrEqual(right);
    expect(Number(top?.attributes.y)).toBeLessThan(Number(bottom?.attributes.y));
  });

  it('leaves the data as it was', () => {
    const bytes = Buffer.from(x.data);
    misclassified(tensor(bytes, [5, 2, 2, 1]), truth, guess);
    expect([...bytes]).toEqual([...x.data]);
  });

  it('takes one-hot truth and probabilities', () => {
    const hot = (classes: number[]) =>
      classes.map((k) => [0, 1, 2].map((i) => (i === k ? 0.9 : 0.05)));
    expect(misclassified(x, hot(truth), tensor(hot(guess))).svg).toBe(
      misclassified(x, truth, guess).svg,
    );
  });

  it('writes long names below, escaped, and shows as many as asked for', () => {
    const labels = ['cat', 'dog & co', 'cow'];
    const root = parseSvg(misclassified(x, truth, guess, { labels, limit: 1, title: 'Errors' }));
    expect(texts(root)).toEqual([
      'Errors',
      '2 of 5 wrong (40.00%), the first 1 (first line: truth, second: guess)',
      'dog & co',
      'cow',
    ]);
  });

  it('says that there are none', () => {
    const root = parseSvg(misclassified(x, truth, truth));
    expect(texts(root)).toEqual(['Misclassified', '0 of 5 wrong (0.00%)']);
  });

  it.each([
    [[0, 1], guess, {}, 'BAD_SHAPE', 'yTrue must hold a class for each of the 5 images'],
    [truth, [[0, 1]], {}, 'BAD_SHAPE', 'yPred must hold a class for each of the 5 images'],
    [truth, undefined, {}, 'BAD_DATA', 'yPred: expected a tensor'],
    [['a', 'b'], guess, {}, 'BAD_DATA', 'yTrue: A tensor is made of numbers'],
    [truth, guess, { labels: ['a', 'b'] }, 'BAD_ARGUMENT', 'there is a class 2'],
    [truth, guess, { limit: 0 }, 'BAD_ARGUMENT', 'limit'],
    [truth, guess, { max: 3 }, 'UNKNOWN_NAME', "'max'"],
  ])('refuses %j, %j, %j', (yTrue, yPred, options, code, message) => {
    expect(() => misclassified(x, yTrue as never, yPred as never, options as never)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});
