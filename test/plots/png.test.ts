import { describe, expect, it } from 'vitest';
import { encodePng, enlarge } from '../../lib/plots/png.js';
import { readPng } from './read_png.js';

describe('encodePng', () => {
  it.each([
    [1, 1, 1],
    [3, 2, 1],
    [2, 3, 3],
    [301, 7, 3],
  ] as const)('writes %i x %i pixels of %i channels', (width, height, channels) => {
    const data = Uint8Array.from({ length: width * height * channels }, (_, i) => i * 37);
    const pixels = readPng(encodePng({ width, height, channels, data }));
    expect([pixels.length, pixels[0]?.length, pixels[0]?.[0]?.length]).toEqual([
      height,
      width,
      channels,
    ]);
    expect(pixels.flat(2)).toEqual([...data]);
  });
});

describe('enlarge', () => {
  it('makes squares of pixels, of all channels', () => {
    const data = Uint8Array.of(1, 2, 3, 4, 5, 6);
    expect(enlarge({ width: 2, height: 1, channels: 3, data }, 2)).toEqual({
      width: 4,
      height: 2,
      channels: 3,
      data: Uint8Array.of(
        ...[1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6, 1, 2, 3, 1, 2, 3, 4, 5, 6, 4, 5, 6],
      ),
    });
  });
});
