import { describe, expect, it } from 'vitest';
import { setSeed } from '../../lib/core/random.js';
import { type Shape, sizeOf } from '../../lib/core/shape.js';
import { type Tensor, tensor } from '../../lib/core/tensor.js';
import { Graph } from '../../lib/graph/ir.js';
import * as luge from '../../lib/index.js';
import {
  type Layer,
  randomBrightness,
  randomContrast,
  randomFlip,
  randomRotation,
  randomShear,
  randomTranslation,
  randomZoom,
} from '../../lib/layers/index.js';
import { setThreads } from '../../lib/runtime/backend.js';
import { Program } from '../../lib/runtime/program.js';
import { checkLayer } from '../support/check_layer.js';
import { floats, integers } from '../support/check_op.js';
import { Real, total } from '../support/op_reference.js';
import { warped } from '../support/warp_reference.js';

const shape = [2, 5, 6, 2];
const inputs = [floats(shape)];
const bad = [[[[null, 28, 28]], /of rank 4/]] as const;

/** What the layer makes in one step of training, or outside of it. */
function run(
  layer: Layer,
  x: Tensor,
  { training = true, step = 0, threads = 1 } = {},
): Float32Array {
  const graph = new Graph();
  for (const y of layer.invoke([graph.feed(x)], { training })) graph.result(y);
  const data = new Float32Array(sizeOf(x.shape as Shape));
  setThreads(threads);
  new Program(graph).runSync({ steps: 1, firstStep: step, feeds: [x.data], results: [data] });
  setThreads(1);
  return data;
}

const makers: [string, () => Layer][] = [
  ['randomRotation', () => randomRotation({ factor: 0.2 })],
  ['randomTranslation', () => randomTranslation({ heightFactor: 0.2, widthFactor: [0, 0.3] })],
  ['randomZoom', () => randomZoom({ heightFactor: 0.3 })],
  ['randomShear', () => randomShear({ xFactor: 0.3, yFactor: [0.1, 0.2] })],
  ['randomFlip', () => randomFlip()],
  ['randomBrightness', () => randomBrightness({ factor: 0.3, valueRange: [-2, 2] })],
  ['randomContrast', () => randomContrast({ factor: [0.5, 1], valueRange: [-2, 2] })],
];

describe.each(makers)('%s', (_, make) => {
  it('only converts outside of training', () => {
    checkLayer({ layer: make(), inputs, reference: ([x]) => (x as Real).map((v) => v), bad });
    const bytes = integers([2, 4, 4, 1], 0, 256, 'uint8');
    expect(run(make(), bytes, { training: false })).toEqual(Float32Array.from(bytes.data));
  });

  it('draws anew for each image and step, whatever the threads, and from a seed of its own', () => {
    const image = floats([1, 40, 40, 1]);
    const x = tensor(
      Float32Array.from({ length: 4 * 1600 }, (_, i) => image.data[i % 1600] as number),
      [...[4, 40, 40, 1]],
    );
    const layer = make();
    const first = run(layer, x);
    expect(run(layer, x, { threads: 3 })).toEqual(first);
    const images = (y: Float32Array) =>
      new Set([0, 1, 2, 3].map((i) => String(y.subarray(1600 * i, 1600 * (i + 1)))));
    expect(images(first).size).toBeGreaterThan(1);
    const steps = [1, 2, 3, 4].map((step) => String(run(layer, x, { step })));
    expect(new Set(steps).size).toBeGreaterThan(1);
    const seeded = { ...layer.getConfig(), name: undefined, seed: 5 };
    const copies = [0, 1].map(() =>
      luge.layers.get({ class_name: layer.className, config: seeded }),
    );
    expect(run(copies[0] as Layer, x)).toEqual(run(copies[1] as Layer, x));
  });
});

describe('in training, with one value to draw', () => {
  const map = (...numbers: number[]) => Real.of(tensor(numbers));
  const magnitude = 2 * 2 * 10;

  it('randomRotation turns about the centre', () => {
    const angle = 0.15 * 2 * Math.PI;
    const [c, s, x, y] = [Math.cos(angle), Math.sin(angle), 2.5, 2];
    for (const fillMode of ['reflect', 'constant'] as const) {
      checkLayer({
        layer: randomRotation({ factor: [0.15, 0.15], fillMode, fillValue: 3 }),
        inputs,
        training: true,
        magnitude,
        reference: ([images]) =>
          warped(
            images as Real,
            map(c, -s, x - c * x + s * y, s, c, y - s * x - c * y),
            undefined,
            { fillMode, fillValue: 3 },
          ),
      });
    }
  });

  it('randomTranslation moves down and to the right', () => {
    checkLayer({
      layer: randomTranslation({
        heightFactor: [0.25, 0.25],
        widthFactor: [-0.3, -0.3],
        fillMode: 'wrap',
      }),
      inputs,
      training: true,
      magnitude,
      reference: ([x]) =>
        warped(x as Real, map(1, 0, 0.3 * 6, 0, 1, -0.25 * 5), undefined, { fillMode: 'wrap' }),
    });
  });

  it('randomZoom zooms about the centre, each way or both alike', () => {
    const zoomed = (x: Real, across: number, down: number) =>
      warped(x, map(across, 0, 2.5 * (1 - across), 0, down, 2 * (1 - down)));
    checkLayer({
      layer: randomZoom({ heightFactor: [0.3, 0.3], widthFactor: [-0.2, -0.2] }),
      inputs,
      training: true,
      magnitude,
      reference: ([x]) => zoomed(x as Real, 0.8, 1.3),
    });
    checkLayer({
      layer: randomZoom({ heightFactor: [0.3, 0.3] }),
      inputs,
      training: true,
      magnitude,
      reference: ([x]) => zoomed(x as Real, 1.3, 1.3),
    });
  });

  it('randomShear slants to either side', () => {
    const layer = randomShear({ xFactor: [0.4, 0.4], yFactor: [0.1, 0.1], fillMode: 'nearest' });
    const x = floats([30, 5, 6, 1]);
    const sides = [1, -1].map(
      (side) =>
        warped(Real.of(x), map(1, 0.4 * side, 0, 0.1 * side, 1, 0), undefined, {
          fillMode: 'nearest',
        }).data,
    );
    const y = run(layer, x);
    const chosen = Array.from({ length: 30 }, (_, image) =>
      sides.findIndex((side) =>
        y.subarray(30 * image, 30 * image + 30).every((value, i) => {
          return Math.abs(value - (side[30 * image + i] as number)) < 2 ** -20 * magnitude;
        }),
      ),
    );
    expect(new Set(chosen)).toEqual(new Set([0, 1]));
  });

  it('randomFlip mirrors pixels as they are', () => {
    const x = tensor([1, 2, 3, Number.NaN, 5, 6], [1, 2, 3, 1]);
    const seen = (mode: 'horizontal' | 'vertical' | 'horizontalAndVertical') =>
      new Set([...Array(40).keys()].map((step) => String(run(randomFlip({ mode }), x, { step }))));
    expect(seen('horizontal')).toEqual(new Set(['1,2,3,NaN,5,6', '3,2,1,6,5,NaN']));
    expect(seen('vertical')).toEqual(new Set(['1,2,3,NaN,5,6', 'NaN,5,6,1,2,3']));
    expect(seen('horizontalAndVertical').size).toBe(4);
  });

  it('randomBrightness adds to all pixels, within the range', () => {
    checkLayer({
      layer: randomBrightness({ factor: [0.2, 0.2], valueRange: [-1.5, 1.5] }),
      inputs,
      training: true,
      reference: ([x]) => (x as Real).map((v) => Math.min(1.5, Math.max(-1.5, v + 0.2 * 3))),
    });
    const { data } = tensor(
      run(randomBrightness({ factor: [1, 1] }), floats([1, 2, 2, 1], { low: 0 })),
      [4],
    );
    expect(new Set(data)).toEqual(new Set([255]));
  });

  it('randomContrast keeps the mean of each channel', () => {
    checkLayer({
      layer: randomContrast({ factor: [-0.5, 0.5], valueRange: [-100, 100] }),
      inputs,
      training: true,
      length: 40,
      reference: ([x]) =>
        Real.make(shape, (index) => {
          const [n, , , channel] = index as [number, number, number, number];
          const all = Array.from({ length: 30 }, (_, i) =>
            (x as Real).at([n, Math.floor(i / 6), i % 6, channel]),
          );
          const mean = total(all) / 30;
          return ((x as Real).at(index) - mean) * 1.5 + mean;
        }),
    });
  });
});

describe('random image layers', () => {
  it('work in a model, on bytes, and change nothing in prediction', async () => {
    setSeed(3);
    const model = luge.sequential([
      randomRotation({ factor: 0.05, inputShape: [8, 8, 1] }),
      randomFlip({ mode: 'horizontal' }),
      luge.layers.rescaling({ scale: 1 / 255 }),
      luge.layers.flatten(),
      luge.layers.dense({ units: 2, activation: 'softmax' }),
    ]);
    model.compile({ optimizer: 'adam', loss: 'sparseCategoricalCrossentropy' });
    const x = integers([20, 8, 8, 1], 0, 256, 'uint8');
    const y = Int32Array.from({ length: 20 }, (_, i) => i % 2);
    await model.fit(x, y, { epochs: 2, verbose: 0 });
    const [first, second] = [await model.predict(x), await model.predict(x)];
    expect((second as Tensor).data).toEqual((first as Tensor).data);
    const copy = luge.modelFromJSON(JSON.parse(JSON.stringify(model.toJSON())));
    expect(copy.toJSON()).toEqual(model.toJSON());
  });

  it.each([
    [() => randomRotation({} as never), /factor is missing/],
    [
      () => randomRotation({ factor: 1.5 }),
      /'random_rotation.*factor must be .* within \[-1, 1\], but got 1.5/,
    ],
    [() => randomZoom({ heightFactor: [0.2, 0.1] }), /heightFactor must be a number r/],
    [() => randomShear({ xFactor: -0.1 }), /xFactor must be .* within \[0, 1\]/],
    [() => randomFlip({ mode: 'diagonal' as never }), /Unknown mode 'diagonal'/],
    [
      () => randomTranslation({ heightFactor: 0.1, widthFactor: 0.1, fillMode: 'mirror' as never }),
      /fillMode 'mirror'/,
    ],
    [() => randomBrightness({ factor: 0.1, valueRange: [1, 0] }), /valueRange must be \[lowest/],
    [() => randomContrast({ factor: [2, 0] }), /factor must be a number c/],
    [() => randomRotation({ factor: 0.1, fillValue: Number.NaN }), /fillValue must be a finite/],
  ])('refuse %s', (make, message) => {
    expect(make).toThrow(message);
  });
});
