import type { ConstraintLike } from '../constraints/index.js';
import type { Shape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import type { SymbolicTensor } from '../graph/symbolic.js';
import type { InitializerLike } from '../initializers/index.js';
import type { RegularizerLike } from '../regularizers/index.js';
import type { CallOptions } from './call_options.js';
import type { RandomLayerOptions } from './dropout.js';
import { optionNames } from './option_names.js';

export interface MultiHeadAttentionOptions extends RandomLayerOptions {
  /** How many means are taken side by side, each over projections of its own. */
  numHeads: number;
  /** Size of the projected queries and keys of one head. */
  keyDim: number;
  /** Size of the projected values of one head. Default `keyDim`. */
  valueDim?: number;
  /** Share of the weights of the means dropped in training. Default 0. */
  dropout?: number;
  /** Default true. */
  useBias?: boolean;
  /** Size or sizes of the output's last axes. Default: the query's last size. */
  outputShape?: number | Shape;
  /** Over which axes a mean is taken. Default: all between batch and features. */
  attentionAxes?: number | Shape;
  /** A query sees only keys that are fewer than so many places away. Default: all. */
  slidingWindow?: number;
  /** Whether a projection of the query, through a sigmoid, multiplies what a head gives. Default false. */
  useGate?: boolean;
  /** Of all projections. Default 'glorotUniform'. */
  kernelInitializer?: InitializerLike;
  /** Default 'zeros'. */
  biasInitializer?: InitializerLike;
  /** Default: none. */
  kernelRegularizer?: RegularizerLike;
  /** Default: none. */
  biasRegularizer?: RegularizerLike;
  /** Default: none. */
  kernelConstraint?: ConstraintLike;
  /** Default: none. */
  biasConstraint?: ConstraintLike;
}

/** What `apply` of multi-head attention takes besides query, value and key. */
export interface MultiHeadAttentionCallOptions<T = SymbolicTensor> extends CallOptions {
  /**
   * [batch, time, source] (or [time, source], or with the heads in front of time): 0 where a query must
   * not look. With more axes, [batch, ...others, ...time, ...source], any of which may be 1.
   */
  attentionMask?: T | Tensor;
  /** Whether a query sees only what is at its own place and before. Default false. */
  useCausalMask?: boolean;
  /** Whether to give the weights of the means [batch, ..., heads, time, source], too. Default false. */
  returnAttentionScores?: boolean;
  /** [batch, time]: 0 for queries to skip. Default: the mask that the query carries. */
  queryMask?: T;
  /** [batch, source]: 0 for values to skip. Default: the mask that the value carries. */
  valueMask?: T;
  /** [batch, source]: 0 for keys to skip. Default: the mask that the key carries. */
  keyMask?: T;
}

export const multiHeadAttentionOptions = optionNames<Omit<MultiHeadAttentionOptions, 'seed'>>({
  numHeads: true,
  keyDim: true,
  valueDim: true,
  dropout: true,
  useBias: true,
  outputShape: true,
  attentionAxes: true,
  slidingWindow: true,
  useGate: true,
  kernelInitializer: true,
  biasInitializer: true,
  kernelRegularizer: true,
  biasRegularizer: true,
  kernelConstraint: true,
  biasConstraint: true,
});
