import { checkChoice } from '../core/options.js';

/** How numbers become colors: 'gray' from black to white, 'viridis' from dark blue to yellow. */
export type ColorMap = 'gray' | 'viridis';

/** RGB bytes of 256 even steps from the lowest to the highest value. */
export type ColorTable = Uint8Array;

/**
 * Viridis by S. van der Walt and N. Smith (matplotlib, public domain): equal steps look equally
 * large, in print and to color-blind readers too. Every eighth of it; between, a straight line.
 */
const kViridis = [
  0x440154, 0x472d7b, 0x3b528b, 0x2c728e, 0x21918c, 0x28ae80, 0x5ec962, 0xaddc30, 0xfde725,
];
const kGray = [0x000000, 0xffffff];

/** Throws UNKNOWN_NAME when there is no map of that name. */
export function colorTable(name: ColorMap): ColorTable {
  const stops = checkChoice('colors', name, ['gray', 'viridis']) === 'gray' ? kGray : kViridis;
  const table = new Uint8Array(256 * 3);
  for (let i = 0; i < 256; i++) {
    const at = (i / 255) * (stops.length - 1);
    const before = Math.min(Math.floor(at), stops.length - 2);
    for (let channel = 0; channel < 3; channel++) {
      const byte = (stop: number) => ((stops[stop] as number) >> (16 - 8 * channel)) & 0xff;
      const share = at - before;
      table[3 * i + channel] = Math.round(byte(before) * (1 - share) + byte(before + 1) * share);
    }
  }
  return table;
}
