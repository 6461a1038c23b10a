import { type ClassConfig, Registry } from '../core/registry.js';
import { Adadelta, type AdadeltaOptions } from './adadelta.js';
import { Adagrad, type AdagradOptions } from './adagrad.js';
import { Adam, type AdamOptions } from './adam.js';
import { Adamax, type AdamaxOptions } from './adamax.js';
import { AdamW } from './adamw.js';
import { Lion, type LionOptions } from './lion.js';
import { Nadam, type NadamOptions } from './nadam.js';
import { Optimizer } from './optimizer.js';
import { RMSprop, type RMSpropOptions } from './rmsprop.js';
import { SGD, type SGDOptions } from './sgd.js';

export {
  type LearningRate,
  Optimizer,
  type OptimizerOptions,
  type OptimizerStep,
  type WeightDecayExclusion,
} from './optimizer.js';
export type { StepOptions } from './step_options.js';
export type {
  AdadeltaOptions,
  AdagradOptions,
  AdamaxOptions,
  AdamOptions,
  LionOptions,
  NadamOptions,
  RMSpropOptions,
  SGDOptions,
};

/** A name ('adam'), a configuration or an object. */
export type OptimizerLike = string | ClassConfig | Optimizer;

const registry = new Registry<Optimizer>('optimizer', Optimizer);

/**
 * Makes a class of your own known by its class name, and further names if given.
 *
 * @example
 * ```ts
 * class Steady extends optimizers.Optimizer {
 *   static override className = 'Steady';
 *   override readonly slotNames = [];
 *   constructor(options: optimizers.OptimizerOptions = {}) {
 *     super(options, 0.01, []);
 *   }
 *   override update(p: Value, g: Value, _: object, scalars: Record<string, Value>) {
 *     const step = ops.multiply(scalars.learningRate as Value, g);
 *     return { p: ops.subtract(p, step), slots: {} };
 *   }
 * }
 * optimizers.register(Steady);
 * optimizers.get('steady').learningRate; // => 0.01
 * ```
 */
export const register = registry.add.bind(registry);

register(SGD);
register(Adagrad);
register(RMSprop);
register(Adadelta);
register(Adam);
register(AdamW);
register(Adamax);
register(Nadam);
register(Lion);

/**
 * The optimizer that a name, configuration or object means. Throws UNKNOWN_NAME.
 *
 * @example
 * ```ts
 * optimizers.get('adam').learningRate; // => 0.001
 * const config = { learning_rate: 0.5 };
 * optimizers.get({ class_name: 'SGD', config }).learningRate; // => 0.5
 * ```
 */
export const get = (identifier: OptimizerLike): Optimizer => registry.get(identifier);

/** Stochastic gradient descent, with momentum and Nesterov's if asked for; learning rate 0.01. */
export const sgd = (options?: SGDOptions): SGD => new SGD(options);

/** Smaller steps where gradients were large (Duchi et al. 2011); learning rate 0.001. */
export const adagrad = (options?: AdagradOptions): Adagrad => new Adagrad(options);

/** Steps divided by the running root mean square (Tieleman and Hinton 2012); learning rate 0.001. */
export const rmsprop = (options?: RMSpropOptions): RMSprop => new RMSprop(options);

/** Steps in the unit of the parameters (Zeiler 2012); learning rate 0.001, the paper's is 1. */
export const adadelta = (options?: AdadeltaOptions): Adadelta => new Adadelta(options);

/** Mean gradient over its root mean square (Kingma and Ba 2014); learning rate 0.001. */
export const adam = (options?: AdamOptions): Adam => new Adam(options);

/** Adam with weight decay, 0.004 by default (Loshchilov and Hutter 2017); learning rate 0.001. */
export const adamW = (options?: AdamOptions): AdamW => new AdamW(options);
/**
 * The same, spelt as its name is.
 *
 * @example
 * ```ts
 * optimizers.adamw().learningRate; // => 0.001
 * ```
 */
export const adamw = adamW;

/** Adam by the largest gradient (Kingma and Ba 2014, section 7); learning rate 0.001. */
export const adamax = (options?: AdamaxOptions): Adamax => new Adamax(options);

/** Adam with Nesterov's momentum (Dozat 2016); learning rate 0.001. */
export const nadam = (options?: NadamOptions): Nadam => new Nadam(options);

/** Steps of one size by the mean gradient's sign (Chen et al. 2023); learning rate 0.001. */
export const lion = (options?: LionOptions): Lion => new Lion(options);
