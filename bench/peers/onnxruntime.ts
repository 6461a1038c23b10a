import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Workload } from '../workloads.js';
import { randomRows } from './random_rows.js';
import { type PreparedPeer, serve } from './serve.js';

/** The part of onnxruntime-node that is used here; it is installed apart from this package. */
interface OnnxRuntime {
  env: { versions: Record<string, string> };
  InferenceSession: {
    create(file: string, options: object): Promise<{ run(feeds: object): Promise<object> }>;
  };
  Tensor: new (type: 'float32', data: Float32Array, shape: readonly number[]) => object;
}

async function load(): Promise<OnnxRuntime> {
  return createRequire(`${process.env.LUGE_BENCH_ONNXRUNTIME}/`)('onnxruntime-node') as OnnxRuntime;
}

/** Images have their channels first: the library's own layout, and so the file's. */
async function prepare(
  ort: OnnxRuntime,
  workload: Workload,
  threads: number,
): Promise<PreparedPeer> {
  const { batch, samples, input } = workload;
  const folder = mkdtempSync(join(tmpdir(), 'luge-bench-'));
  const file = join(folder, 'model.onnx');
  const [command = '', ...args] = (process.env.LUGE_BENCH_ONNX_EXPORT ?? '').split('\n');
  execFileSync(command, [...args, file], { input: JSON.stringify(workload), stdio: 'pipe' });
  const options = { intraOpNumThreads: threads, interOpNumThreads: 1 };
  const session = await ort.InferenceSession.create(file, options);
  rmSync(folder, { recursive: true });

  const rows = randomRows(workload);
  const [h, w, c] = input;
  const shape = input.length === 3 ? [c as number, h as number, w as number] : input;
  const size = batch * input.reduce((product, dim) => product * dim, 1);
  const feeds = Array.from({ length: samples / batch }, (_, i) => ({
    x: new ort.Tensor('float32', rows.x.subarray(i * size, (i + 1) * size), [batch, ...shape]),
  }));
  return {
    label: `ONNX Runtime ${ort.env.versions.node ?? ort.env.versions.common}`,
    async run(passes) {
      for (let pass = 0; pass < passes; pass++) {
        for (const feed of feeds) await session.run(feed);
      }
    },
  };
}

await serve(load, prepare);
