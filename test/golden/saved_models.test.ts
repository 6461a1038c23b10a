import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { type Hdf5Group, isGroup, memberAt, readHdf5 } from '../../lib/saving/hdf5.js';
import {
  decode,
  type Encoded,
  expectClose,
  largest,
  readGolden,
  toTensor,
  UNIT,
} from './golden.js';

interface SavedModel {
  x: Encoded[];
  y: Encoded[];
  output: Encoded[];
  loss: number;
  after?: Encoded[];
  gradientStep?: number[];
}

const golden = readGolden<Record<string, SavedModel>>('saved_models');
const pathOf = (name: string) => new URL(`${name}.h5`, import.meta.url).pathname;
/** The terms that are added up on the longest way through each model. */
const length: Record<string, number> = {
  keras_sequential: 18 + 24 + 6,
  keras_functional: 100,
  keras_volumes: 16 + 8 + 4 + 4 + 24 + 3,
  keras_sequences: 600,
  keras_weighted: 600,
};

function inputs(name: string): luge.Tensor[] {
  return (golden[name] as SavedModel).x.map((array) => toTensor(array));
}

function labels(name: string): luge.Tensor[] {
  const dtype = ['keras_sequential', 'keras_volumes'].includes(name) ? 'int32' : 'float32';
  return (golden[name] as SavedModel).y.map((array) => toTensor(array, dtype));
}

/** The arrays that weight_names lists, in order, of every group that has such a list. */
function listed(group: Hdf5Group): (readonly [string, readonly number[], number[]])[] {
  const names = [group.attributes.get('weight_names') ?? []].flat();
  const own = names.map((name) => {
    const array = memberAt(group, name);
    if (array === undefined || isGroup(array)) throw new Error(name);
    return [
      name.split(/[/_]/).at(-1) as string,
      [...array.shape],
      Array.from(array.data, Number),
    ] as const;
  });
  const inner = [...group.members.values()].filter(isGroup).flatMap(listed);
  return [...own, ...inner];
}

describe.each(Object.keys(golden))('%s.h5, written by Keras', (name) => {
  const { output, loss } = golden[name] as SavedModel;
  const unit = UNIT * (length[name] as number);

  it('predicts and is evaluated as in Keras', async () => {
    const model = await luge.loadModel(pathOf(name));
    const found = [await model.predict(inputs(name))].flat();
    output.forEach((wanted, i) => {
      const expected = decode(wanted);
      expectClose(
        (found[i] as luge.Tensor).data,
        expected,
        unit * largest(expected),
        `output ${i}`,
      );
    });
    const logs = await model.evaluate(inputs(name), labels(name));
    // A logarithm or a difference of predictions is at most a few times as far off as they are.
    expect(Math.abs((logs.loss as number) - loss)).toBeLessThan(4 * unit * Math.max(1, loss));
  });

  it('comes out of save with the same weights and optimizer state, bit for bit', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'luge-golden-'));
    const path = join(folder, 'again.h5');
    const model = await luge.loadModel(pathOf(name));
    await model.save(path);
    const groups = await Promise.all(
      [pathOf(name), path].map((file) => readHdf5(readFileSync(file), file)),
    );
    const [kept, again] = groups.map((group) => listed(group));
    expect(kept?.length).toBeGreaterThan(10);
    expect(again).toEqual(kept);
    rmSync(folder, { recursive: true });
  });
});

it('training goes on with the momentum that Keras saved', async () => {
  const name = 'keras_functional';
  const { after = [], gradientStep = [] } = golden[name] as SavedModel;
  const model = await luge.loadModel(pathOf(name));
  expect(model.optimizer.iterations).toBe(3);
  await model.fit(inputs(name), labels(name), { batchSize: 6, shuffle: false, verbose: 0 });
  model.weights.forEach((weight, i) => {
    const expected = decode(after[i] as Encoded);
    const gradient = UNIT * 2 * (length[name] as number) * (gradientStep[i] as number);
    const tolerance = gradient + 4 * UNIT * largest(expected);
    expectClose(weight.value.data, expected, tolerance, weight.name);
  });
});

describe.each(Object.keys(golden))('%s.weights.h5, written by Keras', (name) => {
  const file = pathOf(`${name}.weights`);
  /** The model with other weights, compiled with an optimizer that was never used. */
  const fresh = async () => {
    const saved = await luge.loadModel(pathOf(name));
    const model = luge.modelFromJSON(saved.toJSON());
    const optimizer = luge.optimizers.get({
      class_name: saved.optimizer.className,
      config: saved.optimizer.getConfig(),
    });
    const loss = name === 'keras_sequential' ? 'sparseCategoricalCrossentropy' : 'mse';
    model.compile({ optimizer, loss });
    return { saved, model };
  };

  it('holds the weights and optimizer state that the .h5 file does', async () => {
    const { saved, model } = await fresh();
    await model.loadWeights(file);
    const values = (one: luge.Model) => one.getWeights().map(({ data }) => [...data]);
    expect(values(model)).toEqual(values(saved));
    expect(model.optimizer.iterations).toBe(3);
    expect(model.optimizer.learningRate).toBe(saved.optimizer.learningRate);
  });

  it('comes out of saveWeights the same, group for group and bit for bit', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'luge-golden-'));
    const path = join(folder, 'again.weights.h5');
    const { model } = await fresh();
    await model.loadWeights(file);
    await model.saveWeights(path);
    const [kept, again] = await Promise.all(
      [file, path].map(async (each) => everything(await readHdf5(readFileSync(each), each))),
    );
    expect(kept?.length).toBeGreaterThan(20);
    expect(again).toEqual(kept);
    rmSync(folder, { recursive: true });
  });
});

/** Every array with numbers, by its path. */
function everything(group: Hdf5Group, path = ''): unknown[] {
  return [...group.members]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([key, member]) =>
      isGroup(member)
        ? everything(member, `${path}/${key}`)
        : [[`${path}/${key}`, [...member.shape], Array.from(member.data, Number)]],
    );
}
