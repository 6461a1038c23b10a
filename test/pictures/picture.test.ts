import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Picture } from '../../lib/pictures/picture.js';
import { text } from '../../lib/pictures/svg.js';
import { parseSvg, texts } from './parse_svg.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'luge-picture-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const picture = new Picture(9.5, 20, 'A & B', [text([0, 0], 'hi')]);

/** Width and height as a PNG's header says. */
function sizeOf(png: Uint8Array): [number, number] {
  const view = new DataView(png.buffer, png.byteOffset);
  expect([...png.subarray(0, 8)]).toEqual([137, 80, 78, 71, 13, 10, 26, 10]);
  return [view.getUint32(16), view.getUint32(20)];
}

describe('Picture', () => {
  it('is well-formed SVG of whole pixels', () => {
    const root = parseSvg(picture);
    expect(root.attributes).toMatchObject({ width: '10', height: '20', viewBox: '0 0 10 20' });
    expect(root.children[0]).toMatchObject({ name: 'title', text: 'A & B' });
    expect(texts(root)).toEqual(['hi']);
    expect(`${picture}`).toBe(picture.svg);
  });

  it('is saved whole, and given back', () => {
    expect(picture.save(join(folder, 'a.SVG'))).toBe(picture);
    expect(readFileSync(join(folder, 'a.SVG'), 'utf8')).toBe(picture.svg);
    expect(readdirSync(folder)).toEqual(['a.SVG']);
  });

  it('becomes a PNG of two dots a pixel, or as many as asked for', () => {
    const file = join(folder, 'a.png');
    picture.save(file);
    expect(sizeOf(readFileSync(file))).toEqual([20, 40]);
    picture.save(file, { scale: 3 });
    expect(sizeOf(readFileSync(file))).toEqual([30, 60]);
    expect(sizeOf(picture.toPng({ scale: 1 }))).toEqual([10, 20]);
  });

  it('says how to install the rasterizer where it is missing', () => {
    // A module that failed to load stays so in the cache of modules.
    const { cache, resolve } = createRequire(import.meta.url);
    const path = resolve('@resvg/resvg-js');
    const loaded = cache[path];
    Object.defineProperty(cache, path, {
      configurable: true,
      get: () => {
        throw new Error('not there');
      },
    });
    try {
      expect(() => picture.save(join(folder, 'a.png'))).toThrow(
        expect.objectContaining({
          code: 'UNSUPPORTED',
          message: expect.stringContaining('npm install @resvg/resvg-js'),
        }),
      );
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      Object.defineProperty(cache, path, { configurable: true, writable: true, value: loaded });
      if (loaded === undefined) delete cache[path];
    }
  });

  it.each(['a.jpg', 'svg', '', undefined, 3])('refuses the file name %s', (file) => {
    expect(() => picture.save(file as string)).toThrow(
      expect.objectContaining({
        code: 'BAD_ARGUMENT',
        message: expect.stringMatching(/'\.svg' or '\.png'/),
      }),
    );
  });

  it('refuses a scale of nothing, and a folder that is not there', () => {
    expect(() => picture.toPng({ scale: 0 })).toThrow(
      expect.objectContaining({ code: 'BAD_ARGUMENT', message: expect.stringContaining('scale') }),
    );
    expect(() => picture.save(join(folder, 'none', 'a.svg'))).toThrow(
      expect.objectContaining({
        code: 'BAD_ARGUMENT',
        message: expect.stringContaining('folder does not exist'),
      }),
    );
  });
});
