import { createRequire } from 'node:module';
import util from 'node:util';
import type { LayerRow, Workload } from '../workloads.js';
import { randomRows } from './random_rows.js';
import { type PreparedPeer, serve } from './serve.js';

/** The part of tfjs-node that is used here; it is installed apart from this package. */
interface TensorFlow {
  version: Record<string, string>;
  input(options: { shape: number[] }): object;
  layers: Record<string, (options: object) => { apply(inputs: object | object[]): object }>;
  train: Record<string, (learningRate: number, momentum?: number) => object>;
  model(options: { inputs: object; outputs: object }): {
    compile(options: object): void;
    fit(x: object, y: object, options: object): Promise<unknown>;
    predict(x: object, options: object): { data(): Promise<unknown>; dispose(): void };
  };
  tensor(data: Float32Array, shape: number[]): object;
  backend(): { binding: { TF_Version: string } };
}

// Node 23 dropped these two, which tfjs-node 4.22 still calls.
Object.assign(util, {
  isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  isArray: Array.isArray,
});

async function load(): Promise<TensorFlow> {
  const folder = process.env.LUGE_BENCH_TFJS;
  return createRequire(`${folder}/`)('@tensorflow/tfjs-node') as TensorFlow;
}

function prepare(tf: TensorFlow, workload: Workload): PreparedPeer {
  const { batch: batchSize, samples } = workload;
  const layer = (name: string, options: object) => {
    const factory = tf.layers[name];
    if (factory === undefined) throw new Error(`tfjs-layers has no '${name}'`);
    return factory(options);
  };
  const draw = (rows: readonly LayerRow[], from: object): object =>
    rows.reduce((x, [name, options]) => {
      if (name !== 'residual') return layer(name, options).apply(x);
      return layer('add', {}).apply([draw(options.body, x), draw(options.shortcut, x)]);
    }, from);
  const inputs = tf.input({ shape: workload.input });
  const model = tf.model({ inputs, outputs: draw(workload.layers, inputs) });
  const { name, learningRate, momentum } = workload.optimizer;
  model.compile({
    optimizer: tf.train[momentum === undefined ? name : 'momentum']?.(learningRate, momentum),
    loss: 'categoricalCrossentropy',
  });

  const rows = randomRows(workload);
  const x = tf.tensor(rows.x, [samples, ...workload.input]);
  const y = tf.tensor(rows.y, [samples, workload.classes]);
  const short = (version = '') => version.split('.').slice(0, 2).join('.');
  const versions = [tf.version['tfjs-node'] ?? tf.version.tfjs, tf.backend().binding.TF_Version];
  return {
    label: `tfjs-node ${short(versions[0])} + TF ${short(versions[1])}`,
    async run(passes) {
      if (workload.kind === 'train') {
        await model.fit(x, y, { batchSize, epochs: passes, verbose: 0 });
        return;
      }
      for (let pass = 0; pass < passes; pass++) {
        const output = model.predict(x, { batchSize });
        await output.data();
        output.dispose();
      }
    },
  };
}

await serve(load, prepare);
