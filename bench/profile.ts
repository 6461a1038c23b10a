// npm run profile -- cnn-train [--threads 2] [--seconds 3] [--out trace.json]
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import * as luge from 'luge';
import { positive, positiveInteger } from './options.js';
import { lugeModel } from './peers/luge_model.js';
import { randomRows } from './peers/random_rows.js';
import { chromeTrace, costs, costTable, opTable } from './profile_table.js';
import { workloads } from './workloads.js';

function readOptions() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      threads: { type: 'string', default: String(availableParallelism()) },
      seconds: { type: 'string', default: '3' },
      out: { type: 'string' },
    },
  });
  const workload = workloads.find(({ name }) => name === positionals[0]);
  if (workload === undefined) {
    throw new Error(`Name a workload: ${workloads.map(({ name }) => name).join(', ')}`);
  }
  return {
    workload,
    threads: positiveInteger('threads', values.threads),
    seconds: positive('seconds', values.seconds),
    out: values.out,
  };
}

async function main(): Promise<void> {
  const { workload, threads, seconds, out } = readOptions();
  luge.setThreads(threads);
  const model = lugeModel(luge, workload);
  const rows = randomRows(workload);
  const x = luge.tensor(rows.x, [workload.samples, ...workload.input]);
  const y = luge.tensor(rows.y, [workload.samples, workload.classes]);
  const batchSize = workload.batch;

  const trains = workload.kind === 'train';
  const profile = (options: luge.ProfileOptions) =>
    trains ? model.profile(x, y, options) : model.profilePredict(x, options);

  // The first pass warms up, the second tells how many steps fill the time.
  const pass = { batchSize, steps: workload.samples / batchSize };
  await profile(pass);
  const start = performance.now();
  await profile(pass);
  const perStep = (performance.now() - start) / 1000 / pass.steps;
  const steps = Math.max(1, Math.round(seconds / perStep));

  const step = costs(await profile({ batchSize, steps }));
  console.log(`${workload.name}: ${steps} steps of ${batchSize} samples, ${threads} threads\n`);
  console.log(`${costTable(step)}\n\n${opTable(step)}`);
  if (out !== undefined) {
    await writeFile(out, `${JSON.stringify(chromeTrace(step))}\n`);
    console.log(`\nWritten: ${out}`);
  }
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
