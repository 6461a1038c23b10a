import { describe, expect, it } from 'vitest';
import { gradients } from '../../lib/compile/autodiff.js';
import { type CompiledProgram, compile } from '../../lib/compile/compile.js';
import { checksum } from '../../lib/compile/encode.js';
import { newArray } from '../../lib/core/dtype.js';
import { Random } from '../../lib/core/random.js';
import { sizeOf } from '../../lib/core/shape.js';
import { Tensor } from '../../lib/core/tensor.js';
import { Variable } from '../../lib/core/variable.js';
import { Graph, type Value } from '../../lib/graph/ir.js';
import { withGraph } from '../../lib/ops/define.js';
import * as ops from '../../lib/ops/index.js';
import { addon } from '../../lib/runtime/addon.js';

/** A training step with many kinds of instructions. */
function trainingStep(): CompiledProgram {
  const make = (name: string, ...shape: number[]) =>
    new Variable(new Tensor(new Float32Array(sizeOf(shape)).fill(0.1), shape), { name });
  const weights = [make('filters', 3, 3, 1, 4), make('bias', 4), make('kernel', 16, 3)] as const;
  Variable.pack(weights);
  const graph = new Graph();
  const x = graph.feed({ shape: [2, 6, 6, 1], dtype: 'uint8' }, true);
  const y = graph.feed({ shape: [2], dtype: 'int32' }, true);
  withGraph(graph, () => {
    const c = ops.relu(ops.add(ops.conv2d(ops.divide(x, 255), weights[0]), weights[1]));
    const p = ops.maxPool2d(c, { poolSize: 2 });
    const d = ops.dropout(ops.reshape(p, [2, 16]), 0.3);
    const loss = ops.mean(ops.softmaxCrossEntropy(ops.matmul(d, weights[2]), y));
    const grads = gradients(
      loss,
      weights.map((w) => graph.read(w)),
    ) as Value[];
    const flat = ops.concat(
      grads.map((g) => ops.reshape(g, [-1])),
      0,
    );
    for (const { span } of Variable.spans(weights)) graph.update(span, ops.subtract(span, flat));
    graph.result(loss);
  });
  return compile(graph, new Map(addon().ops.map(({ name }, i) => [name, i])));
}

describe('the native validator', () => {
  const { blob, stores, placement } = trainingStep();
  const { Program, Store } = addon();
  // A training step keeps nothing but variables.
  const memory = stores.map((variable) => new Store((variable as Variable).size * 4));
  const load = (words: Uint32Array) => new Program(words, memory);
  const options = {
    steps: 1,
    firstStep: 0,
    seed: 1,
    guard: true,
    feeds: placement.feeds.map(({ dtype, shape }) => newArray(dtype, sizeOf(shape))),
    results: placement.results.map(({ dtype, shape }) => newArray(dtype, sizeOf(shape))),
  };

  it('takes the program as it is', () => {
    expect(load(blob).runSync(options)).toBe(1);
  });

  it('refuses a program with any word changed', () => {
    for (let i = 0; i < blob.length; i++) {
      const changed = blob.slice();
      changed[i] = (changed[i] as number) ^ (1 << (i % 32));
      expect(() => load(changed), `word ${i}`).toThrow();
    }
  });

  it('refuses a program that is cut off or too long', () => {
    for (let length = 0; length < blob.length; length++) {
      const cut = blob.slice(0, length);
      expect(() => load(cut)).toThrow();
      if (length < 12) continue;
      cut[2] = length;
      cut[10] = checksum(cut);
      expect(() => load(cut), `cut to ${length}`).toThrow();
    }
    expect(() => load(Uint32Array.from([...blob, 0]))).toThrow();
  });

  it('lets no program with a right checksum write outside its tensors', () => {
    const random = new Random(7);
    const values = [0, 1, 2, 3, 7, 8, 64, 255, 0x7fffffff, 0x80000000, 0xffffffff];
    let refused = 0;
    const rounds = 4000;
    for (let round = 0; round < rounds; round++) {
      const changed = blob.slice();
      for (let times = 0; times <= random.below(3); times++) {
        const at = random.below(blob.length);
        const old = changed[at] as number;
        const next = [
          values[random.below(values.length)] as number,
          old + 1,
          old - 1,
          old ^ (1 << random.below(32)),
        ];
        changed[at] = next[random.below(4)] as number;
      }
      changed[10] = checksum(changed);
      try {
        load(changed).runSync(options);
      } catch (error) {
        refused += 1;
        // A guard word that was overwritten, or any crash, would be another code.
        expect(['BAD_PROGRAM', 'BAD_ARGUMENT', 'OUT_OF_MEMORY']).toContain(
          (error as { code?: string }).code,
        );
      }
    }
    expect(refused).toBeGreaterThan(rounds / 2);
  }, 120_000);
});
