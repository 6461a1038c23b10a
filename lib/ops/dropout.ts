import { checkRange } from '../core/options.js';
import type { Spec, Value } from '../graph/ir.js';
import { cast } from './cast.js';
import { defineOp } from './define.js';
import { defineNative, floatWord } from './native.js';
import { checkOptions } from './options.js';
import type { SeedOptions } from './random.js';
import { streamOf } from './stream.js';

const dropoutOp = defineNative('dropout', ['x', 'y', 'stream rate:f'], {
  infer: ([x]) => [x as Spec],
  // The stream gives the gradient the same mask, which therefore is never stored.
  vjp: (node, [dy]) => [dy && node.graph.add(node.op, [dy], node.attrs).output],
  words: ({ attrs }) => [attrs.stream as number, floatWord(attrs.rate as number)],
});

/**
 * x with each element set to 0 with probability `rate`, the others scaled by 1 / (1 - rate), float32
 * (Srivastava et al., 2014). Every step of a program drops others.
 *
 * @param options seed: operations of one program with the same seed drop the same places.
 * @throws LugeError BAD_ARGUMENT unless rate is in [0, 1).
 * @example
 * ```ts
 * const x = ops.dropout(tensor(new Float32Array(1000).fill(1)), 0.2);
 * const [least, most] = [ops.min(x), ops.max(x)];
 * least; // => 0
 * most; // => 1.25
 * ```
 */
export const dropout = defineOp(
  'dropout',
  1,
  (x: Value, rate: number, options: SeedOptions = {}): Value => {
    checkOptions('dropout', options, ['seed']);
    checkRange('ops.dropout: rate', rate, 0, 1);
    const real = cast(x, 'float32');
    if (rate === 0) return real;
    const stream = streamOf('dropout', x.node.graph, options.seed);
    return x.node.graph.add(dropoutOp, [real], { stream, rate }).output;
  },
);
