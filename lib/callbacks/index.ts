import type { CallbackHooks } from './callback.js';
import { CSVLogger, type CSVLoggerOptions } from './csv_logger.js';
import { EarlyStopping, type EarlyStoppingOptions } from './early_stopping.js';
import { LambdaCallback } from './lambda_callback.js';
import { type LearningRateSchedule, LearningRateScheduler } from './learning_rate_scheduler.js';
import { ModelCheckpoint, type ModelCheckpointOptions } from './model_checkpoint.js';
import { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './reduce_lr_on_plateau.js';
import { TensorBoard, type TensorBoardOptions } from './tensor_board.js';
import { TerminateOnNaN } from './terminate_on_nan.js';

export {
  Callback,
  type CallbackHooks,
  type CallbackLike,
  type CallbackModel,
  type FitParams,
  type Logs,
} from './callback.js';
export { CSVLogger, type CSVLoggerOptions } from './csv_logger.js';
export { EarlyStopping, type EarlyStoppingOptions } from './early_stopping.js';
export { LambdaCallback } from './lambda_callback.js';
export { type LearningRateSchedule, LearningRateScheduler } from './learning_rate_scheduler.js';
export { ModelCheckpoint, type ModelCheckpointOptions } from './model_checkpoint.js';
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './reduce_lr_on_plateau.js';
export { TensorBoard, type TensorBoardOptions } from './tensor_board.js';
export { TerminateOnNaN } from './terminate_on_nan.js';

/** Ends training when a value no longer gets better. */
export const earlyStopping = (options?: EarlyStoppingOptions) => new EarlyStopping(options);
/** A callback made of functions. */
export const lambdaCallback = (hooks: CallbackHooks) => new LambdaCallback(hooks);
/** Ends training when the loss is NaN or infinite. */
export const terminateOnNaN = () => new TerminateOnNaN();
/** Writes the model to a file after each epoch, or only the best. */
export const modelCheckpoint = (options: ModelCheckpointOptions) => new ModelCheckpoint(options);
/** Lowers the learning rate when a value no longer gets better. */
export const reduceLROnPlateau = (options?: ReduceLROnPlateauOptions) =>
  new ReduceLROnPlateau(options);
/** Sets the learning rate of each epoch: `(epoch, learningRate) => learningRate`. */
export const learningRateScheduler = (
  schedule: LearningRateSchedule,
  options?: { verbose?: 0 | 1 },
) => new LearningRateScheduler(schedule, options);
/** Writes a line for each epoch to a CSV file. */
export const csvLogger = (filename: string, options?: CSVLoggerOptions) =>
  new CSVLogger(filename, options);
/** Writes losses, metrics, the learning rate and, if asked for, weights for TensorBoard to show. */
export const tensorBoard = (options?: TensorBoardOptions) => new TensorBoard(options);
