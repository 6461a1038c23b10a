import { LugeError } from '../core/errors.js';
import { checkShape, type Shape, showShape, sizeOf } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import type { Graph, Value } from '../graph/ir.js';
import { currentGraph, defineSource } from './define.js';
import { defineNative, floatWord } from './native.js';
import { checkFinite, checkOptions } from './options.js';
import { streamOf } from './stream.js';

export interface SeedOptions {
  /**
   * Draws from the stream of this number: operations of one program with the same seed give the same,
   * and run at once, they give the same every time.
   */
  seed?: number;
}

export interface RandomUniformOptions extends SeedOptions {
  /** The smallest number; 0 by default. */
  minval?: number;
  /** All numbers lie below it; 1 by default. */
  maxval?: number;
}

export interface RandomNormalOptions extends SeedOptions {
  /** 0 by default. */
  mean?: number;
  /** Standard deviation; 1 by default. */
  stddev?: number;
}

function random(name: string, first: string, second: string) {
  return defineNative(name, ['', 'y', `stream ${first}:f ${second}:f`], {
    infer: (_, attrs) => [{ shape: attrs.shape as Shape, dtype: 'float32' }],
    words: ({ attrs }) => [
      attrs.stream as number,
      floatWord(attrs[first] as number),
      floatWord(attrs[second] as number),
    ],
  });
}

const uniformOp = random('random_uniform', 'low', 'high');
const normalOp = random('random_normal', 'mean', 'stddev');
const truncatedOp = random('truncated_normal', 'mean', 'stddev');

/** Numbers at once outside of a graph; inside of one, a value that differs from step to step. */
function source<O>(name: string, build: (graph: Graph, shape: Shape, options: O) => Value) {
  const draw = defineSource(name, build);
  return <T extends Tensor | Value = Tensor>(shape: Shape, options = {} as O): T => {
    checkShape(shape, `ops.${name}: shape`);
    if (sizeOf(shape) === 0) {
      throw new LugeError(
        'BAD_SHAPE',
        `ops.${name}: shape must not hold a 0, but got ${showShape(shape)}.`,
      );
    }
    const graph = graphUnderConstruction();
    return (graph === undefined ? draw(shape, options) : build(graph, shape, options)) as T;
  };
}

function graphUnderConstruction(): Graph | undefined {
  try {
    return currentGraph();
  } catch {
    return undefined;
  }
}

/**
 * Random numbers of equal probability in [minval, maxval), float32: a tensor, or while a model is
 * being built, as in a layer's `call`, a symbolic value.
 *
 * @example
 * ```ts
 * const x = ops.randomUniform([2, 3], { minval: -1 });
 * x.shape; // => [2, 3]
 * ops.less(ops.max(ops.abs(x)), 1); // => 1
 * ```
 */
export const randomUniform = source(
  'randomUniform',
  (graph, shape, options: RandomUniformOptions) => {
    checkOptions('randomUniform', options, ['minval', 'maxval', 'seed']);
    const { minval: low = 0, maxval: high = 1, seed } = options;
    checkFinite('randomUniform', 'minval', low);
    checkFinite('randomUniform', 'maxval', high);
    if (low > high) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `ops.randomUniform: minval must not be above maxval, but got ${low} and ${high}.`,
      );
    }
    const stream = streamOf('randomUniform', graph, seed);
    return graph.add(uniformOp, [], { shape, stream, low, high }).output;
  },
);

function normal(name: string, op: typeof normalOp) {
  return source(name, (graph, shape, options: RandomNormalOptions) => {
    checkOptions(name, options, ['mean', 'stddev', 'seed']);
    const { mean = 0, stddev = 1, seed } = options;
    checkFinite(name, 'mean', mean);
    if (!(stddev >= 0 && stddev < Number.POSITIVE_INFINITY)) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `ops.${name}: stddev must be a finite number of at least 0, but got ${stddev}.`,
      );
    }
    return graph.add(op, [], { shape, stream: streamOf(name, graph, seed), mean, stddev }).output;
  });
}

/**
 * Normally distributed numbers, float32; a tensor or a value as for `randomUniform`.
 *
 * @example
 * ```ts
 * const x = ops.randomNormal([100, 100], { mean: 5, stddev: 2, seed: 7 });
 * Math.round(ops.mean(x).data[0] as number); // => 5
 * ```
 */
export const randomNormal = normal('randomNormal', normalOp);
/**
 * Normally distributed numbers without those more than two standard deviations from the mean,
 * float32; a tensor or a value as for `randomUniform`. As in Keras, the deviation of what remains is
 * about 0.88 of `stddev`.
 *
 * @example
 * ```ts
 * const x = ops.truncatedNormal([100, 100], { stddev: 1, seed: 7 });
 * ops.max(ops.less(2, ops.abs(x))); // => 0
 * ```
 */
export const truncatedNormal = normal('truncatedNormal', truncatedOp);
