import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { element, mix, picture, polyline, savePicture, text } from '../../lib/plots/svg.js';
import { parseSvg, texts } from './parse_svg.js';

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

describe('savePicture', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'luge-svg-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const svg = picture(10, 20, 'A & B', [text([0, 0], 'hi')]);

  it('makes a well-formed picture', () => {
    const root = parseSvg(svg);
    expect(root.attributes).toMatchObject({ width: '10', height: '20', viewBox: '0 0 10 20' });
    expect(root.children[0]).toMatchObject({ name: 'title', text: 'A & B' });
    expect(texts(root)).toEqual(['hi']);
  });

  it('writes it whole', () => {
    expect(savePicture(svg, undefined)).toBe(svg);
    expect(savePicture(svg, join(folder, 'a.svg'))).toBe(svg);
    expect(readFileSync(join(folder, 'a.svg'), 'utf8')).toBe(svg);
    expect(readdirSync(folder)).toEqual(['a.svg']);
  });

  it('refuses names of other formats', () => {
    expect(() => savePicture(svg, join(folder, 'a.png'))).toThrow(
      expect.objectContaining({
        code: 'BAD_ARGUMENT',
        message: expect.stringMatching(/'\.svg'.*a\.png/),
      }),
    );
    expect(readdirSync(folder)).toEqual([]);
  });
});
