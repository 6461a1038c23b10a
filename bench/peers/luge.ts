import type * as Luge from 'luge';
import type { Workload } from '../workloads.js';
import { lugeModel } from './luge_model.js';
import { randomRows } from './random_rows.js';
import { type PreparedPeer, serve } from './serve.js';

function prepare(luge: typeof Luge, workload: Workload, threads: number): PreparedPeer {
  luge.setThreads(threads);
  const { batch: batchSize, samples } = workload;
  const model = lugeModel(luge, workload);
  const rows = randomRows(workload);
  const x = luge.tensor(rows.x, [samples, ...workload.input]);
  const y = luge.tensor(rows.y, [samples, workload.classes]);
  return {
    label: `luge ${luge.version}`,
    async run(passes) {
      if (workload.kind === 'train') {
        await model.fit(x, y, { batchSize, epochs: passes, verbose: 0 });
        return;
      }
      for (let pass = 0; pass < passes; pass++) await model.predict(x, { batchSize });
    },
  };
}

await serve(() => import('luge'), prepare);
