import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { parseIdx, unpack } from '../../lib/datasets/idx.js';

function idx(type: number, shape: number[], data: number[]): Uint8Array {
  const sizes = shape.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255]);
  return Uint8Array.from([0, 0, type, shape.length, ...sizes, ...data]);
}

describe('parseIdx', () => {
  it('reads bytes without copying them', () => {
    const bytes = idx(8, [2, 3], [1, 2, 3, 4, 5, 255]);
    const found = parseIdx(bytes, 'a');
    expect(found.dtype).toBe('uint8');
    expect(found.toArray()).toEqual([
      [1, 2, 3],
      [4, 5, 255],
    ]);
    expect(found.data.buffer).toBe(bytes.buffer);
  });

  it('reads a view that begins inside its buffer', () => {
    const bytes = idx(12, [1], [0, 0, 1, 2]);
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(parseIdx(shifted.subarray(3), 'a').toArray()).toEqual([258]);
  });

  it.each([
    ['signed bytes', idx(9, [2], [255, 127]), 'int32', [-1, 127]],
    ['shorts', idx(11, [2], [255, 254, 1, 0]), 'int32', [-2, 256]],
    ['ints', idx(12, [2], [255, 255, 255, 253, 1, 0, 0, 0]), 'int32', [-3, 2 ** 24]],
    ['floats', idx(13, [1], [0x3f, 0xc0, 0, 0]), 'float32', [1.5]],
    ['doubles', idx(14, [1], [0xc0, 0x04, 0, 0, 0, 0, 0, 0]), 'float32', [-2.5]],
  ])('reads big-endian %s', (_, bytes, dtype, values) => {
    const found = parseIdx(bytes, 'a');
    expect(found.dtype).toBe(dtype);
    expect(found.toArray()).toEqual(values);
  });

  it.each([
    ['nothing', new Uint8Array(0), 'a.idx is too short for an IDX file: 0 bytes.'],
    ['a bad magic number', Uint8Array.from([1, 0, 8, 1, 0, 0, 0, 0]), 'begins with 0x01000801'],
    ['an unknown type', idx(10, [1], [1]), 'begins with 0x00000a01'],
    ['no axes', Uint8Array.from([0, 0, 8, 0]), 'begins with 0x00000800'],
    ['text', new TextEncoder().encode('<html></html>'), 'begins with 0x3c68746d'],
    ['half a header', idx(8, [1, 2], []).subarray(0, 9), '2 axes need a header of 12 bytes'],
    [
      'data cut short',
      idx(8, [2, 3], [1, 2, 3, 4, 5]),
      '[2, 3], which takes 18 bytes, but it has 17',
    ],
    ['data too long', idx(8, [2], [1, 2, 3]), 'is too long: its header says [2]'],
    ['sizes beyond all memory', idx(8, [2 ** 32 - 1, 2 ** 32 - 1], [1]), 'is cut short'],
  ])('refuses %s', (_, bytes, message) => {
    expect(() => parseIdx(bytes, 'a.idx')).toThrow(message);
    expect(() => parseIdx(bytes, 'a.idx')).toThrow(expect.objectContaining({ code: 'BAD_DATA' }));
  });
});

describe('unpack', () => {
  const bytes = idx(8, [3], [1, 2, 3]);

  it('unpacks gzip and leaves the rest', async () => {
    expect(await unpack(bytes, 'a')).toBe(bytes);
    expect([...(await unpack(gzipSync(bytes), 'a'))]).toEqual([...bytes]);
  });

  it('refuses gzip that is cut short or damaged', async () => {
    const packed = gzipSync(new Uint8Array(1000).map((_, i) => i * i));
    const damaged = packed.slice();
    damaged[damaged.length - 5] = (damaged[damaged.length - 5] as number) ^ 255;
    for (const bad of [packed.subarray(0, 50), damaged, packed.subarray(0, 2)]) {
      await expect(unpack(bad, 'a.gz')).rejects.toMatchObject({
        code: 'BAD_DATA',
        message: expect.stringContaining('a.gz cannot be unpacked'),
      });
    }
  });
});
