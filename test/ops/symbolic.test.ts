import { describe, expect, it } from 'vitest';
import '../../lib/runtime/evaluate.js';
import { Tensor, tensor } from '../../lib/core/tensor.js';
import { Variable } from '../../lib/core/variable.js';
import { Graph, Value } from '../../lib/graph/ir.js';
import { SymbolicTensor } from '../../lib/graph/symbolic.js';
import { withGraph } from '../../lib/ops/define.js';
import * as ops from '../../lib/ops/index.js';
import { floats } from '../support/check_op.js';

const image = () => new SymbolicTensor([null, 8, 6, 3], 'float32', 'image');
const rows = () => new SymbolicTensor([null, 10], 'float32', 'rows');

describe('operations on symbolic tensors', () => {
  it.each<[string, () => SymbolicTensor, (number | null)[]]>([
    ['relu', () => ops.relu(image()), [null, 8, 6, 3]],
    ['add', () => ops.add(rows(), floats([10])), [null, 10]],
    ['sum', () => ops.sum(image(), [1, 2]), [null, 3]],
    ['mean of all', () => ops.mean(rows()), []],
    ['matmul', () => ops.matmul(rows(), floats([10, 4])), [null, 4]],
    ['conv2d', () => ops.conv2d(image(), floats([3, 3, 3, 5])), [null, 6, 4, 5]],
    ['maxPool2d', () => ops.maxPool2d(image()), [null, 4, 3, 3]],
    ['flatten', () => ops.flatten(image()), [null, 144]],
    ['transpose', () => ops.transpose(image(), [0, 3, 1, 2]), [null, 3, 8, 6]],
    ['concat', () => ops.concat([rows(), rows()]), [null, 20]],
    ['slice', () => ops.slice(rows(), [0, 2], [-1, 3]), [null, 3]],
    ['softmax', () => ops.softmax(rows()), [null, 10]],
    ['oneHot', () => ops.oneHot(new SymbolicTensor([null], 'int32', 'labels'), 7), [null, 7]],
    [
      'batchNormalization',
      () => ops.batchNormalization(rows(), floats([10]), floats([10])),
      [null, 10],
    ],
    ['gelu', () => ops.gelu(rows()), [null, 10]],
  ])('%s infers the shape', (_, build, shape) => {
    const y = build();
    expect(y).toBeInstanceOf(SymbolicTensor);
    expect(y.shape).toEqual(shape);
  });

  it('split along a known axis', () => {
    expect(ops.split(rows(), 2).map(({ shape }) => shape)).toEqual([
      [null, 5],
      [null, 5],
    ]);
    expect(() => ops.split(rows(), 2, 0)).toThrow(/ops\.split/);
  });

  it('say what is wrong when the model is drawn', () => {
    expect(() => ops.matmul(rows(), floats([9, 4]))).toThrow(/inner sizes differ/);
  });
});

describe('operations on mixed operands', () => {
  it('give a value as soon as one operand is one', () => {
    const graph = new Graph();
    const x = graph.feed({ shape: [2, 3], dtype: 'float32' });
    const y = ops.add(x, floats([3]));
    expect(y).toBeInstanceOf(Value);
    expect(y.node.graph).toBe(graph);
  });

  it('read weights into the graph under construction', () => {
    const weight = new Variable(tensor([1, 2, 3]));
    const graph = new Graph();
    expect(withGraph(graph, () => ops.square(weight))).toBeInstanceOf(Value);
    expect(() => ops.square(weight)).toThrow(
      /A weight can only be read while a model is being built/,
    );
  });

  it('take arrays and numbers, and give tensors', () => {
    const y = ops.add(
      [
        [1, 2],
        [3, 4],
      ],
      1,
    );
    expect(y).toBeInstanceOf(Tensor);
    expect(y.toArray()).toEqual([
      [2, 3],
      [4, 5],
    ]);
    expect(() => (ops.add as (x: number) => unknown)(1)).toThrow(
      /ops\.add takes 2 operands, got 1/,
    );
  });

  it('make the same operation on the same operands once', () => {
    const graph = new Graph();
    const x = graph.feed({ shape: [4], dtype: 'float32' });
    expect(ops.exp(x)).toBe(ops.exp(x));
    expect(ops.dropout(x, 0.5)).not.toBe(ops.dropout(x, 0.5));
  });
});
