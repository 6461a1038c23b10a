import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes files named and built as MNIST's: few images, each with a bar where its class says. */
export function writeSmallMnist(folder: string, images = 256): void {
  mkdirSync(folder, { recursive: true });
  for (const part of ['train', 't10k']) {
    const pixels = new Uint8Array(images * 784).map((_, i) => {
      const label = Math.floor(i / 784) % 10;
      const column = i % 28;
      return Math.floor(column / 2) === label + 2 ? 255 : (i * 7919) % 40;
    });
    const labels = Uint8Array.from({ length: images }, (_, i) => i % 10);
    const head = (type: number, ...dims: number[]) =>
      [0x800 + type, ...dims].flatMap((n) => [n >> 24, n >> 16, n >> 8, n].map((v) => v & 255));
    const write = (name: string, start: number[], content: Uint8Array) =>
      writeFileSync(join(folder, `${part}-${name}-ubyte`), Uint8Array.from([...start, ...content]));
    write('images-idx3', head(3, images, 28, 28), pixels);
    write('labels-idx1', head(1, images), labels);
  }
}
