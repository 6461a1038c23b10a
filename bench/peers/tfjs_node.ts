import { createRequire } from 'node:module';
import util from 'node:util';
import type { Workload } from '../workloads.js';
import { type PreparedPeer, randomRows, serve } from './serve.js';

/** The part of tfjs-node that is used here; it is installed apart from this package. */
interface TensorFlow {
  version: Record<string, string>;
  layers: Record<string, (options: object) => object>;
  train: Record<string, (learningRate: number) => object>;
  sequential(options: { layers: object[] }): {
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

async function prepare(workload: Workload): Promise<PreparedPeer> {
  const folder = process.env.LUGE_BENCH_TFJS;
  const tf = createRequire(`${folder}/`)('@tensorflow/tfjs-node') as TensorFlow;
  const { batch: batchSize, samples } = workload;
  const model = tf.sequential({
    layers: workload.layers.map(([name, options], index) => {
      const inputShape = index === 0 ? { inputShape: workload.input } : {};
      return tf.layers[name]?.({ ...options, ...inputShape }) as object;
    }),
  });
  const { name, learningRate } = workload.optimizer;
  model.compile({
    optimizer: tf.train[name]?.(learningRate),
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

await serve(prepare);
