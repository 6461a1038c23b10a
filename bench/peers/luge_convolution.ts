import { Tensor } from '../../lib/core/tensor.js';
import { Variable } from '../../lib/core/variable.js';
import { Graph } from '../../lib/graph/ir.js';
import { withGraph } from '../../lib/ops/define.js';
import * as ops from '../../lib/ops/index.js';
import { setThreads } from '../../lib/runtime/backend.js';
import { Program } from '../../lib/runtime/program.js';
import type { Convolution } from '../convolutions.js';
import { type PreparedPeer, serve } from './serve.js';

/** A program of one pass, on operands that stay where they are. */
function programOf(convolution: Convolution): Program {
  const { batch, size, kernel, stride, channels, filters, groups, pass } = convolution;
  const out = Math.ceil(size / stride);
  const graph = new Graph();
  const random = (...shape: number[]) => {
    const count = shape.reduce((product, dim) => product * dim, 1);
    return graph.read(new Variable(new Tensor(new Float32Array(count).map(Math.random), shape)));
  };
  withGraph(graph, () => {
    const side = [kernel >> 1, kernel >> 1] as const;
    const options = { strides: stride, padding: [side, side] as const };
    const x = random(batch, size, size, channels);
    const y =
      groups === channels && groups > 1
        ? ops.depthwiseConv2d(x, random(kernel, kernel, channels, 1), options)
        : ops.conv2d(x, random(kernel, kernel, channels / groups, filters), { ...options, groups });
    if (pass === 'y') {
      graph.result(y);
    } else {
      const [dx, dweight] = y.node.op.vjp?.(y.node, [random(batch, out, out, filters)]) ?? [];
      const gradient = pass === 'dx' ? dx : dweight;
      if (gradient !== undefined) graph.result(gradient);
    }
  });
  // With this a program changes a variable, so that what depends on weights is not kept.
  const steps = new Variable(new Tensor(new Float32Array(1), []));
  withGraph(graph, () => graph.update(steps, ops.add(graph.read(steps), 1)));
  return new Program(graph);
}

function prepare(_: undefined, convolution: Convolution, threads: number): PreparedPeer {
  setThreads(threads);
  const program = programOf(convolution);
  return { label: 'luge', run: (steps) => program.run({ steps, feeds: [] }) };
}

await serve(async () => undefined, prepare);
