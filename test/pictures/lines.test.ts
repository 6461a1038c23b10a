import { describe, expect, it } from 'vitest';
import { lines } from '../../lib/pictures/lines.js';
import { find, parseSvg, texts } from './parse_svg.js';

describe('plots.lines', () => {
  it('draws series over their place or over x, with a legend and titles', () => {
    const root = parseSvg(
      lines(
        { 'a & b': [1, 2, 3], c: { x: [0, 2], y: [3, 1] } },
        { title: 'Title', xTitle: 'step', yTitle: 'error' },
      ),
    );
    expect(texts(root)).toEqual(expect.arrayContaining(['Title', 'step', 'error', 'a & b', 'c']));
    const [first, second] = find(root, 'polyline').map(({ attributes: { points = '' } }) =>
      points.split(' ').map((pair) => pair.split(',').map(Number)),
    ) as [number[][], number[][]];
    expect(first[0]?.[0]).toBe(second[0]?.[0]);
    expect(first[2]).toEqual([second[1]?.[0], second[0]?.[1]]);
  });

  it('has a logarithmic x axis when asked to', () => {
    const root = parseSvg(lines({ y: { x: [0.01, 0.1, 1], y: [1, 2, 3] } }, { xScale: 'log' }));
    const [a, b, c] = (find(root, 'polyline')[0]?.attributes.points ?? '')
      .split(' ')
      .map((pair) => Number(pair.split(',')[0])) as [number, number, number];
    expect(b - a).toBeCloseTo(c - b, 1);
    expect(texts(root)).toEqual(expect.arrayContaining(['0.01', '0.1', '1']));
  });

  it('points out places', () => {
    const root = parseSvg(lines({ y: [1, 2, 3] }, { marks: [{ x: 2, label: 'best <here>' }] }));
    const label = find(root, 'text').find(({ text }) => text === 'best <here>');
    const tick = find(root, 'text').findLast(({ text }) => text === '2.0');
    expect(Number(label?.attributes.x)).toBeCloseTo(Number(tick?.attributes.x) - 6, 1);
    expect(label?.attributes['text-anchor']).toBe('end');
  });

  it('leaves gaps at what is not finite', () => {
    const root = parseSvg(lines({ y: [1, 2, Number.NaN, 3, 4] }));
    expect(find(root, 'polyline')).toHaveLength(2);
    expect(texts(root)).toContain('y: NaN at x 2');
  });

  it.each([
    [{}, {}, 'BAD_ARGUMENT', 'nothing to draw'],
    [{ a: [] }, {}, 'BAD_ARGUMENT', 'nothing to draw'],
    [undefined, {}, 'BAD_ARGUMENT', 'nothing to draw'],
    [{ a: 5 }, {}, 'BAD_ARGUMENT', "'a' must be an array"],
    [{ a: { x: [1], y: [1, 2] } }, {}, 'BAD_ARGUMENT', 'as many numbers each'],
    [{ a: [1] }, { xscale: 'log' }, 'UNKNOWN_NAME', "Did you mean 'xScale'"],
    [{ a: [1] }, { xScale: 'lin' }, 'UNKNOWN_NAME', "'lin'"],
  ])('refuses %j with %j', (series, options, code, message) => {
    expect(() => lines(series as never, options as never)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});
