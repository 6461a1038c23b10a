import { winograd } from '../compile/choose_convolutions.js';
import { newArray } from '../core/dtype.js';
import { type Shape, sizeOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { Graph } from '../graph/ir.js';
import { type Evaluator, setEvaluator } from '../ops/define.js';
import { Program } from './program.js';

interface Compiled {
  readonly program: Program;
  readonly outputs: readonly { shape: Shape; dtype: Tensor['dtype'] }[];
}

// Programs of operations on tensors, by operation, shapes and options; the oldest goes first.
const cache = new Map<string, Compiled>();
const capacity = 256;

const evaluate: Evaluator = (key, inputs, build, seed) => {
  const name = `${winograd() ? '' : 'direct '}${key}`;
  let held = cache.get(name);
  if (held === undefined) {
    const graph = new Graph();
    const outputs = build(
      inputs.map(({ shape, dtype }) => graph.feed({ shape, dtype })),
      graph,
    );
    for (const output of outputs) graph.result(output);
    held = {
      program: new Program(graph),
      outputs: outputs.map(({ shape, dtype }) => ({ shape, dtype })),
    };
  }
  cache.delete(name);
  cache.set(name, held);
  if (cache.size > capacity) cache.delete(cache.keys().next().value as string);
  const results = held.outputs.map(({ shape, dtype }) => newArray(dtype, sizeOf(shape)));
  held.program.runSync({ steps: 1, seed, feeds: inputs.map(({ data }) => data), results });
  return held.outputs.map(({ shape }, i) => new Tensor(results[i] as Tensor['data'], shape));
};

setEvaluator(evaluate);
