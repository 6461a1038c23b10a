import './runtime/evaluate.js'; // lets ops run on tensors at once

export * as callbacks from './callbacks/index.js';
export {
  Callback,
  type CallbackHooks,
  type CallbackLike,
  type CallbackState,
  type Logs,
} from './callbacks/index.js';
export { setWinograd } from './compile/choose_convolutions.js';
export * as constraints from './constraints/index.js';
export type { DType, TypedArray } from './core/dtype.js';
export { type ErrorCode, LugeError } from './core/errors.js';
export { setSeed } from './core/random.js';
export type { PartialShape, Shape } from './core/shape.js';
export { type NestedArray, Tensor, type TensorLike, tensor } from './core/tensor.js';
export { toCategorical } from './core/to_categorical.js';
export { Variable } from './core/variable.js';
export { version } from './core/version.js';
export * as data from './data/index.js';
export * as datasets from './datasets/index.js';
export type { Value } from './graph/ir.js';
export { type CallContext, SymbolicTensor } from './graph/symbolic.js';
export * as initializers from './initializers/index.js';
export * as layers from './layers/index.js';
export { input, Layer } from './layers/index.js';
export * as losses from './losses/index.js';
export { confusionMatrix } from './metrics/confusion_matrix.js';
export * as metrics from './metrics/index.js';
export * from './models/index.js';
export * as ops from './ops/index.js';
export * as optimizers from './optimizers/index.js';
export * as plots from './plots/index.js';
export * as regularizers from './regularizers/index.js';
export type { BackendInfo } from './runtime/addon.js';
export { backendInfo, setThreads, threads } from './runtime/backend.js';
export type { TraceRow } from './runtime/program.js';
export * as schedules from './schedules/index.js';
export {
  type Dimension,
  type OptionsOf,
  type Space,
  type Trial,
  type TuneOptions,
  TuneResult,
  tune,
} from './tune/index.js';
