import { describe, expect, it } from 'vitest';
import { element, mix, polyline, text } from '../../lib/pictures/svg.js';

describe('element', () => {
  it('escapes attributes, rounds numbers and leaves out what is undefined', () => {
    expect(element('a', { b: '<"&>', c: 1.23456, d: undefined, e: -0.001 })).toBe(
      '<a b="&lt;&quot;&amp;&gt;" c="1.23" e="0"/>',
    );
    expect(element('g', {}, element('a', {}), '')).toBe('<g><a/></g>');
  });
});

describe('text', () => {
  it('escapes its content and drops what XML forbids', () => {
    expect(text([1, 2], 'a<b & c\x00\x1b')).toBe('<text x="1" y="2">a&lt;b &amp; c</text>');
  });
});

describe('polyline', () => {
  it('lists its points', () => {
    expect(
      polyline(
        [
          [0, 1],
          [2.5, 3.14499],
        ],
        { stroke: '#000' },
      ),
    ).toBe('<polyline points="0,1 2.5,3.14" fill="none" stroke="#000"/>');
  });
});

describe('mix', () => {
  it('goes from one color to the other', () => {
    expect([0, 0.5, 1].map((share) => mix('#0000ff', '#ff8000', share))).toEqual([
      '#0000ff',
      '#804080',
      '#ff8000',
    ]);
  });
});
