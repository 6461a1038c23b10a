import type { ConstraintLike } from '../constraints/index.js';
import type { SymbolicTensor } from '../graph/symbolic.js';
import type { InitializerLike } from '../initializers/index.js';
import type { RegularizerLike } from '../regularizers/index.js';
import type { ActivationLike } from './activations.js';
import type { CallOptions } from './call_options.js';
import type { LayerOptions } from './layer.js';
import { optionNames } from './option_names.js';

/** Options of layers that go through a sequence step by step. */
export interface RecurrentOptions extends LayerOptions {
  /** Size of the state, and of the output at each step. */
  units: number;
  /** Of what enters the state. Default 'tanh'. */
  activation?: ActivationLike;
  /** Default true. */
  useBias?: boolean;
  /** Default 'glorotUniform'. */
  kernelInitializer?: InitializerLike;
  /** Default 'orthogonal'. */
  recurrentInitializer?: InitializerLike;
  /** Default 'zeros'. */
  biasInitializer?: InitializerLike;
  /** Default: none. */
  kernelRegularizer?: RegularizerLike;
  /** Default: none. */
  recurrentRegularizer?: RegularizerLike;
  /** Default: none. */
  biasRegularizer?: RegularizerLike;
  /** Default: none. */
  kernelConstraint?: ConstraintLike;
  /** Default: none. */
  recurrentConstraint?: ConstraintLike;
  /** Default: none. */
  biasConstraint?: ConstraintLike;
  /** Share of the input's features dropped in training, the same at every step. Default 0. */
  dropout?: number;
  /**
   * Share of the state dropped in training on its way to the next step's gates, the same at every
   * step (Gal and Ghahramani 2016). Such steps are computed one by one, which takes longer. Default 0.
   */
  recurrentDropout?: number;
  /** Of what is dropped. Default: the model's next random numbers. */
  seed?: number;
  /** Whether to give the output of every step, [batch, time, units]. Default false: of the last. */
  returnSequences?: boolean;
  /** Whether to give the states after the last step, too, as further outputs. Default false. */
  returnState?: boolean;
  /** Whether to go from the last step of the input to the first. Default false. */
  goBackwards?: boolean;
  /**
   * Whether each batch goes on from the states that the batch before it ended with, sample by sample,
   * until `resetStates()`. The batch must be of known size: `batchInputShape: [8, null, 3]`. Training
   * must not shuffle: `fit(x, y, { shuffle: false })`. Default false.
   */
  stateful?: boolean;
  /** Whether outputs of steps that the input's mask skips are 0, not those of the step before. Default false. */
  zeroOutputForMask?: boolean;
  /** Accepted, as in Keras; steps are always planned as is fastest. */
  unroll?: boolean;
}

/** Options of recurrent layers with gates. */
export interface GatedOptions extends RecurrentOptions {
  /** Of the gates. Default 'sigmoid'. */
  recurrentActivation?: ActivationLike;
}

/** What `apply` of a recurrent layer takes besides the sequence. */
export interface RecurrentCallOptions<T = SymbolicTensor> extends CallOptions {
  /** The states [batch, units] to start from, instead of zeros. */
  initialState?: T | readonly T[];
  /** [batch, time]: 0 for steps to skip. Default: the mask that the sequence carries. */
  mask?: T;
}

export const recurrentOptions = optionNames<RecurrentOptions>({
  units: true,
  activation: true,
  useBias: true,
  kernelInitializer: true,
  recurrentInitializer: true,
  biasInitializer: true,
  kernelRegularizer: true,
  recurrentRegularizer: true,
  biasRegularizer: true,
  kernelConstraint: true,
  recurrentConstraint: true,
  biasConstraint: true,
  dropout: true,
  recurrentDropout: true,
  seed: true,
  returnSequences: true,
  returnState: true,
  goBackwards: true,
  stateful: true,
  zeroOutputForMask: true,
  unroll: true,
});
