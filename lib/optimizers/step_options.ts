import { LugeError } from '../core/errors.js';
import { checkCount, checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';

/** What every optimizer can do around its own rule; by default, nothing. */
export interface StepOptions {
  /**
   * Share of the weights, times the learning rate, that each step takes away before its rule is
   * applied (decoupled, Loshchilov and Hutter 2017): p -= rate * weightDecay * p. Default: none.
   */
  weightDecay?: number;
  /** Scales the gradient of each weight down to this L2 norm where it is longer. Default: none. */
  clipnorm?: number;
  /** Cuts each number of the gradients to [-clipvalue, clipvalue]. Default: none. */
  clipvalue?: number;
  /** Scales all gradients down together to this L2 norm where they are longer. Default: none. */
  globalClipnorm?: number;
  /**
   * Keeps a running mean of the weights, which `fit` puts in their place when it is through
   * (Polyak and Juditsky 1992). Default false.
   */
  useEma?: boolean;
  /** What remains of the running mean at each step, in [0, 1]. Default 0.99. */
  emaMomentum?: number;
  /** Puts the running mean in the place of the weights each time after so many steps. Default: never. */
  emaOverwriteFrequency?: number;
  /**
   * Applies the mean gradient of so many steps, at least 2, in the last of them; the others leave
   * the weights as they are. Default: each step is applied.
   */
  gradientAccumulationSteps?: number;
  /**
   * What the loss is multiplied by before its gradient is computed; gradients are divided by it
   * again. The loss that is reported is as it is. Default: 1.
   */
  lossScaleFactor?: number;
}

/** The names of `StepOptions`. */
export const stepOptionNames = [
  'weightDecay',
  'clipnorm',
  'clipvalue',
  'globalClipnorm',
  'useEma',
  'emaMomentum',
  'emaOverwriteFrequency',
  'gradientAccumulationSteps',
  'lossScaleFactor',
] as const;

/** The ways to clip gradients, of which an optimizer has one at most. */
const clippings = ['clipnorm', 'clipvalue', 'globalClipnorm'] as const;

/** How to clip gradients, and to what. */
export interface Clipping {
  readonly by: (typeof clippings)[number];
  readonly limit: number;
}

/** A running mean of the weights. */
export interface MovingAverage {
  readonly momentum: number;
  /** Undefined when it never takes the place of the weights during training. */
  readonly overwriteFrequency: number | undefined;
}

/** `StepOptions` that were checked; what is switched off is undefined. */
export interface StepSettings {
  readonly weightDecay: number | undefined;
  readonly clipping: Clipping | undefined;
  readonly average: MovingAverage | undefined;
  readonly accumulationSteps: number | undefined;
  readonly lossScale: number | undefined;
}

/** @throws LugeError BAD_ARGUMENT for values that make no sense, or for two ways to clip. */
export function checkStepOptions(what: string, options: StepOptions): StepSettings {
  const { weightDecay, gradientAccumulationSteps } = options;
  if (weightDecay !== undefined) checkRange(`${what}: weightDecay`, weightDecay, 0);
  if (gradientAccumulationSteps !== undefined) {
    checkCount(`${what}: gradientAccumulationSteps`, gradientAccumulationSteps, 2);
  }
  const { lossScaleFactor } = options;
  if (lossScaleFactor !== undefined && !(lossScaleFactor > 0 && lossScaleFactor < Infinity)) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `${what}: lossScaleFactor must be a finite number above 0, but got ${lossScaleFactor}.`,
    );
  }
  return {
    weightDecay: weightDecay === 0 ? undefined : weightDecay,
    clipping: checkClipping(what, options),
    average: checkAverage(what, options),
    accumulationSteps: gradientAccumulationSteps,
    lossScale: lossScaleFactor,
  };
}

function checkClipping(what: string, options: StepOptions): Clipping | undefined {
  const given = clippings.filter((name) => options[name] !== undefined);
  if (given.length > 1) {
    throw new LugeError(
      'BAD_ARGUMENT',
      `${what}: gradients are clipped in one way only, but got ${given.join(' and ')}. Leave out all ` +
        'but one of them.',
    );
  }
  const [by] = given;
  if (by === undefined) return undefined;
  const limit = options[by] as number;
  if (Number.isFinite(limit) && limit > 0) return { by, limit };
  throw new LugeError(
    'BAD_ARGUMENT',
    `${what}: ${by} must be a finite number above 0, but got ${limit}. Leave it out to clip nothing.`,
  );
}

function checkAverage(what: string, options: StepOptions): MovingAverage | undefined {
  const { useEma = false, emaMomentum = 0.99, emaOverwriteFrequency } = options;
  checkRange(`${what}: emaMomentum`, emaMomentum, 0, 1, true);
  if (emaOverwriteFrequency !== undefined) {
    checkCount(`${what}: emaOverwriteFrequency`, emaOverwriteFrequency);
  }
  if (!useEma) return undefined;
  return { momentum: emaMomentum, overwriteFrequency: emaOverwriteFrequency };
}

/** What is switched on, with Keras's names. */
export function stepConfig(settings: StepSettings): Config {
  const { weightDecay, clipping, average, accumulationSteps, lossScale } = settings;
  const names = { clipnorm: 'clipnorm', clipvalue: 'clipvalue', globalClipnorm: 'global_clipnorm' };
  return {
    ...(weightDecay === undefined ? {} : { weight_decay: weightDecay }),
    ...(clipping === undefined ? {} : { [names[clipping.by]]: clipping.limit }),
    ...(average === undefined ? {} : { use_ema: true, ema_momentum: average.momentum }),
    ...(average?.overwriteFrequency === undefined
      ? {}
      : { ema_overwrite_frequency: average.overwriteFrequency }),
    ...(accumulationSteps === undefined ? {} : { gradient_accumulation_steps: accumulationSteps }),
    ...(lossScale === undefined ? {} : { loss_scale_factor: lossScale }),
  };
}
