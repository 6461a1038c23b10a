import * as luge from 'luge';
import type { Workload } from '../workloads.js';
import { type PreparedPeer, randomRows, serve } from './serve.js';

/** Calls a factory by the name in the workload, whose rows carry the options that it takes. */
function create(factories: object, name: string, options: object): never {
  return (factories as Record<string, (options: object) => never>)[name]?.(options) as never;
}

async function prepare(workload: Workload, threads: number): Promise<PreparedPeer> {
  luge.setThreads(threads);
  const { batch: batchSize, samples } = workload;
  const model = luge.sequential(
    workload.layers.map(([name, options], index) => {
      const inputShape = index === 0 ? { inputShape: workload.input } : {};
      return create(luge.layers, name, { ...options, ...inputShape });
    }),
  );
  const { name, learningRate } = workload.optimizer;
  model.compile({
    optimizer: create(luge.optimizers, name, { learningRate }),
    loss: 'categoricalCrossentropy',
  });

  const rows = randomRows(workload);
  const x = luge.tensor(rows.x, [samples, ...workload.input]);
  const y = luge.tensor(rows.y, [samples, workload.classes]);
  const info: object = luge.backendInfo();
  return {
    label: `luge ${luge.version}`,
    ...('peakGflops' in info ? { peakGflops: Number(info.peakGflops) } : {}),
    async run(passes) {
      if (workload.kind === 'train') {
        await model.fit(x, y, { batchSize, epochs: passes, verbose: 0 });
        return;
      }
      for (let pass = 0; pass < passes; pass++) await model.predict(x, { batchSize });
    },
  };
}

await serve(prepare);
