import { LugeError } from '../core/errors.js';
import { show } from '../core/options.js';
import { type Shape, showShape } from '../core/shape.js';
import type { Spec, Value } from '../graph/ir.js';
import { defineOp } from './define.js';
import { defineNative, floatWord } from './native.js';
import { slice } from './slice.js';

const padOp = defineNative('pad', ['x', 'y', 'value:f before...'], {
  infer: ([x], attrs) => [{ shape: attrs.shape as Shape, dtype: (x as Spec).dtype }],
  vjp: (node, [dy]) => [
    dy && slice(dy, node.attrs.before as Shape, (node.inputs[0] as Value).shape),
  ],
  words: ({ attrs }) => [floatWord(attrs.value as number), ...(attrs.before as Shape)],
});

/**
 * x with so many elements of a value (0 by default) added before and after each axis.
 *
 * @param paddings [before, after] for each axis.
 * @throws LugeError BAD_ARGUMENT unless there is a pair of whole numbers for each axis.
 * @example
 * ```ts
 * ops.pad([[1, 2]], [[0, 1], [1, 0]]); // => [[0, 1, 2], [0, 0, 0]]
 * ```
 */
export const pad = defineOp(
  'pad',
  1,
  (x: Value, paddings: readonly (readonly [number, number])[], value: number = 0): Value => {
    const whole = (count: number) => Number.isSafeInteger(count) && count >= 0;
    const fits = (pair: readonly number[]) =>
      Array.isArray(pair) && pair.length === 2 && pair.every(whole);
    if (!Array.isArray(paddings) || paddings.length !== x.rank || !paddings.every(fits)) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `ops.pad: expected [before, after], whole numbers of at least 0, for each axis of ` +
          `${showShape(x.shape)}, but got ${JSON.stringify(paddings)}.`,
      );
    }
    if (typeof value !== 'number') {
      throw new LugeError(
        'BAD_ARGUMENT',
        `ops.pad: value must be a number, but got ${show(value)}.`,
      );
    }
    if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
    const shape = x.shape.map((dim, i) => {
      const [before, after] = paddings[i] as readonly [number, number];
      return dim + before + after;
    });
    const before = paddings.map(([first]) => first);
    return x.node.graph.add(padOp, [x], { value, before, shape }).output;
  },
);
