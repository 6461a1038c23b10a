import type { Value } from '../graph/ir.js';
import { add, divide, maximum, multiply, subtract } from '../ops/binary.js';
import { clip } from '../ops/clip.js';
import { sum } from '../ops/reduce.js';
import { sqrt, square } from '../ops/unary.js';
import type { Clipping } from './step_options.js';

/**
 * Clipped gradients, as Keras does it.
 *
 * @param gradients flat vectors; when clipping by `clipnorm`, each of one weight alone.
 */
export function clipGradients(
  clipping: Clipping | undefined,
  gradients: readonly Value[],
): readonly Value[] {
  if (clipping === undefined || gradients.length === 0) return gradients;
  const { by, limit } = clipping;
  if (by === 'clipvalue') return gradients.map((g) => clip(g, -limit, limit));
  if (by === 'clipnorm') return gradients.map((g) => multiply(g, shrinking(sum(square(g)), limit)));
  const total = gradients.map((g) => sum(square(g))).reduce((a, b) => add(a, b));
  // A norm that is not finite makes every gradient NaN, so that it cannot go unseen.
  const scale = add(shrinking(total, limit), subtract(total, total));
  return gradients.map((g) => multiply(g, scale));
}

/** The factor that brings a gradient of that squared norm [] down to the limit; 1 when it is shorter. */
function shrinking(squaredNorm: Value, limit: number): Value {
  return divide(limit, maximum(sqrt(squaredNorm), limit));
}
