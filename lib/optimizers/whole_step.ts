import type { Value } from '../graph/ir.js';
import { add, multiply, subtract } from '../ops/binary.js';
import { where } from '../ops/where.js';
import type { Optimizer, OptimizerStep } from './optimizer.js';

/** The sum of the gradients of steps that were not applied. */
const accumulator = 'gradient_accumulator';
/** The running mean of the weights. */
export const movingAverage = 'average';

/** Names of what is remembered of each parameter, for the rule and for what surrounds it. */
export function allSlotNames({ slotNames, settings }: Optimizer): string[] {
  return [
    ...(settings.average === undefined ? [] : [movingAverage]),
    ...(settings.accumulationSteps === undefined ? [] : [accumulator]),
    ...slotNames,
  ];
}

/** The gradient to apply: with accumulation, the mean of this step's and those that wait. */
export function gradientToApply(
  { settings: { accumulationSteps } }: Optimizer,
  g: Value,
  slots: Record<string, Value>,
): Value {
  if (accumulationSteps === undefined) return g;
  return multiply(gathered(g, slots), 1 / accumulationSteps);
}

/** The sum of this step's gradient and those that wait; made once, however often it is asked for. */
function gathered(g: Value, slots: Record<string, Value>): Value {
  return add(g, slots[accumulator] as Value);
}

/**
 * One step with all that surrounds the optimizer's rule, in Keras's order: weight decay, the rule,
 * both only where accumulated gradients are due, then the running mean of the weights.
 *
 * @param p parameters [n]
 * @param g this step's gradient [n]
 * @param toApply `gradientToApply`, clipped [n]
 * @param slots memory by name, each [n]
 * @param scalars `optimizer.stepScalars`, each []; without `weightDecay`, there is none
 */
export function wholeStep(
  optimizer: Optimizer,
  p: Value,
  g: Value,
  toApply: Value,
  slots: Record<string, Value>,
  scalars: Record<string, Value>,
): OptimizerStep {
  const { average, accumulationSteps } = optimizer.settings;
  const { weightDecay } = scalars;
  const kept = weightDecay === undefined ? p : subtract(p, multiply(p, weightDecay));
  let step = optimizer.update(kept, toApply, slots, scalars);
  if (accumulationSteps !== undefined) {
    const due = scalars.due as Value;
    const next = Object.entries(step.slots).map(([name, value]): [string, Value] => [
      name,
      where(due, value, slots[name] as Value),
    ]);
    step = {
      p: where(due, step.p, p),
      slots: { ...Object.fromEntries(next), [accumulator]: where(due, 0, gathered(g, slots)) },
    };
  }
  if (average === undefined) return step;
  const mean = add(
    multiply(slots[movingAverage] as Value, scalars.emaKept as Value),
    multiply(step.p, scalars.emaTaken as Value),
  );
  const { emaOverwrites } = scalars;
  return {
    p: emaOverwrites === undefined ? step.p : where(emaOverwrites, mean, step.p),
    slots: { ...step.slots, [movingAverage]: mean },
  };
}
