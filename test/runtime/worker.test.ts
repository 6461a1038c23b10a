import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { compile } from '../../lib/compile/compile.js';
import { Graph } from '../../lib/graph/ir.js';
import * as ops from '../../lib/ops/index.js';
import { addon } from '../../lib/runtime/addon.js';

const require = createRequire(import.meta.url);
const binary = require('node-gyp-build').path(join(import.meta.dirname, '../..')) as string;

/** A chain of products: some milliseconds a step. */
function heavyProgram(): Uint32Array {
  const graph = new Graph();
  let x = graph.feed({ shape: [192, 192], dtype: 'float32' });
  for (let i = 0; i < 10; i++) x = ops.tanh(ops.matmul(x, x));
  graph.result(ops.sum(x));
  return compile(graph, new Map(addon().ops.map(({ name }, i) => [name, i]))).blob;
}

// A worker loads the binary itself, so that this tests native code in several environments.
const source = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { binary, blob, steps } = workerData;
  const { Program } = require(binary);
  const size = 192 * 192;
  const feeds = [new Float32Array(size * steps).fill(0.01)];
  const results = [new Float32Array(steps)];
  const program = new Program(blob, []);
  parentPort.postMessage('ready');
  program.run({ steps, firstStep: 0, seed: 0, feeds, results }).then((done) => {
    parentPort.postMessage(done + ' ' + results[0][steps - 1]);
  });
`;

function start(blob: Uint32Array, steps: number): Worker {
  return new Worker(source, { eval: true, workerData: { binary, blob, steps } });
}

describe('workers', () => {
  const blob = heavyProgram();

  it('can be ended in the middle of a step, again and again', async () => {
    for (let i = 0; i < 10; i++) {
      const worker = start(blob, 500);
      await once(worker, 'message');
      await new Promise((resolve) => setTimeout(resolve, i * 3));
      await worker.terminate();
    }
    // What is left still works.
    const last = start(blob, 1);
    const messages: unknown[] = [];
    last.on('message', (message) => messages.push(message));
    await once(last, 'exit');
    expect(messages[1]).toMatch(/^1 /);
  });

  it('give the same numbers side by side', async () => {
    const workers = [start(blob, 20), start(blob, 20), start(blob, 20)];
    const results = await Promise.all(
      workers.map(async (worker) => {
        let last: unknown;
        worker.on('message', (message) => {
          last = message;
        });
        await once(worker, 'exit');
        return last;
      }),
    );
    expect(results[0]).toMatch(/^20 /);
    expect(new Set(results).size).toBe(1);
  });

  it('do not hang when the main thread starts a process meanwhile', async () => {
    const worker = start(blob, 100);
    await once(worker, 'message');
    const done = once(worker, 'message');
    for (let i = 0; i < 5; i++) {
      const [code] = await once(spawn(process.execPath, ['-e', '']), 'exit');
      expect(code).toBe(0);
    }
    expect((await done)[0]).toMatch(/^100 /);
  });
});
