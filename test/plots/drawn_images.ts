import { find, type SvgNode } from '../pictures/parse_svg.js';
import { readPng } from './read_png.js';

/** The pixels of each image in a picture, in the order drawn. */
export function drawnImages(root: SvgNode): number[][][][] {
  return find(root, 'image').map(({ attributes }) => {
    const [, base64 = ''] = /^data:image\/png;base64,(.*)$/.exec(attributes.href ?? '') ?? [];
    return readPng(Buffer.from(base64, 'base64'));
  });
}

/** The pixels of an image that is drawn `scale` times as large: one of each square. */
export function shrink(pixels: number[][][], scale: number): number[][][] {
  const every = <T>(list: readonly T[]) => list.filter((_, i) => i % scale === 0);
  return every(pixels).map(every);
}
