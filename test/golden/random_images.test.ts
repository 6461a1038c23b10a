import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import {
  create,
  decode,
  type Encoded,
  expectClose,
  largest,
  readGolden,
  toTensor,
  UNIT,
} from './golden.js';

interface GoldenRandomImages {
  layer: string;
  options: object;
  config: { class_name: string; config: Record<string, unknown> };
  images: Encoded;
  changed: Encoded;
}

describe('random image layers with one value to draw, against Keras', () => {
  const cases = readGolden<GoldenRandomImages[]>('random_images');
  it.each(cases.map((golden) => [golden.layer, golden.options, golden] as const))(
    '%s %j',
    async (_, __, golden) => {
      const made: luge.Layer = create(luge.layers, golden.layer, golden.options);
      for (const layer of [made, luge.layers.get(golden.config)]) {
        const x = luge.input({ shape: golden.images.shape.slice(1) });
        const change = (images: luge.Value) => layer.call(images, { training: true }) as luge.Value;
        const y = luge.layers.lambda({ function: change }).apply(x);
        const found = await luge.model({ inputs: x, outputs: y }).predict(toTensor(golden.images));
        const expected = decode(golden.changed);
        // Both find places in float32: 8 roundings of numbers up to 8, times slopes of 2 numbers.
        const tolerance = UNIT * 8 * 8 * 2 * largest(expected);
        expectClose((found as luge.Tensor).data, expected, tolerance, golden.layer);
      }
      expect(made.getConfig()).toMatchObject({ seed: null, data_format: 'channels_last' });
    },
  );
});
