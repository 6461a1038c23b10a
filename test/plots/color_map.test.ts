import { describe, expect, it } from 'vitest';
import { colorTable } from '../../lib/plots/color_map.js';

const rgb = (table: Uint8Array, i: number) => [...table.subarray(3 * i, 3 * i + 3)];

/** Lightness L* of CIELAB. */
function lightness(color: number[]): number {
  const [r = 0, g = 0, b = 0] = color.map((byte) => {
    const share = byte / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  const y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
  return y > 0.008856 ? 116 * Math.cbrt(y) - 16 : 903.3 * y;
}

describe('colorTable', () => {
  it('is gray from black to white', () => {
    const gray = colorTable('gray');
    expect([0, 100, 255].map((i) => rgb(gray, i))).toEqual([
      [0, 0, 0],
      [100, 100, 100],
      [255, 255, 255],
    ]);
  });

  it('is viridis: as light as the value is high, step by even step', () => {
    const viridis = colorTable('viridis');
    expect([rgb(viridis, 0), rgb(viridis, 255)]).toEqual([
      [0x44, 0x01, 0x54],
      [0xfd, 0xe7, 0x25],
    ]);
    const levels = Array.from({ length: 9 }, (_, i) =>
      lightness(rgb(viridis, Math.round((i * 255) / 8))),
    );
    const steps = levels.slice(1).map((level, i) => level - (levels[i] as number));
    expect(Math.min(...steps)).toBeGreaterThan(7);
    expect(Math.max(...steps)).toBeLessThan(12);
  });

  it('refuses other names', () => {
    expect(() => colorTable('virdis' as never)).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_NAME',
        message: expect.stringContaining("'viridis'"),
      }),
    );
  });
});
