import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const count = 60;

/** Writes MNIST's files with 60 images to train with and 60 to test: a bar, lower for each class. */
export function writeSmallDigits(folder: string): void {
  mkdirSync(folder, { recursive: true });
  const labels = Uint8Array.from({ length: count }, (_, i) => i % 10);
  const images = new Uint8Array(count * 28 * 28);
  labels.forEach((label, i) => {
    const at = (i * 28 + 3 + 2 * label) * 28;
    images.fill(255, at + 4, at + 24);
  });
  for (const part of ['train', 't10k']) {
    const sizes = [0, 0, 0, count, 0, 0, 0, 28, 0, 0, 0, 28];
    writeFileSync(
      join(folder, `${part}-images-idx3-ubyte`),
      Uint8Array.from([0, 0, 8, 3, ...sizes, ...images]),
    );
    writeFileSync(
      join(folder, `${part}-labels-idx1-ubyte`),
      Uint8Array.from([0, 0, 8, 1, 0, 0, 0, count, ...labels]),
    );
  }
}
