import { BackupAndRestore, type BackupAndRestoreOptions } from './backup_and_restore.js';
import type { CallbackHooks } from './callback.js';
import { CSVLogger, type CSVLoggerOptions } from './csv_logger.js';
import { EarlyStopping, type EarlyStoppingOptions } from './early_stopping.js';
import { LambdaCallback } from './lambda_callback.js';
import { type LearningRateSchedule, LearningRateScheduler } from './learning_rate_scheduler.js';
import { ModelCheckpoint, type ModelCheckpointOptions } from './model_checkpoint.js';
import { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './reduce_lr_on_plateau.js';
import { TensorBoard, type TensorBoardOptions } from './tensor_board.js';
import { TerminateOnNaN, type TerminateOnNaNOptions } from './terminate_on_nan.js';

export { BackupAndRestore, type BackupAndRestoreOptions } from './backup_and_restore.js';
export {
  Callback,
  type CallbackHooks,
  type CallbackLike,
  type CallbackModel,
  type CallbackName,
  type CallbackState,
  type FitParams,
  type Logs,
  type TrainingUnderWay,
} from './callback.js';
export { CSVLogger, type CSVLoggerOptions } from './csv_logger.js';
export { EarlyStopping, type EarlyStoppingOptions } from './early_stopping.js';
export { LambdaCallback } from './lambda_callback.js';
export { type LearningRateSchedule, LearningRateScheduler } from './learning_rate_scheduler.js';
export { ModelCheckpoint, type ModelCheckpointOptions } from './model_checkpoint.js';
export { ReduceLROnPlateau, type ReduceLROnPlateauOptions } from './reduce_lr_on_plateau.js';
export { TensorBoard, type TensorBoardOptions } from './tensor_board.js';
export { TerminateOnNaN, type TerminateOnNaNOptions } from './terminate_on_nan.js';

/** Ends training when a value no longer gets better. */
export const earlyStopping = (options?: EarlyStoppingOptions) => new EarlyStopping(options);
/** A callback made of functions. */
export const lambdaCallback = (hooks: CallbackHooks) => new LambdaCallback(hooks);
/** Ends training when the loss is NaN or infinite. */
export const terminateOnNaN = (options?: TerminateOnNaNOptions) => new TerminateOnNaN(options);
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
/**
 * Backs up training, so that one that was interrupted goes on where it was.
 *
 * @example
 * ```ts
 * const model = sequential([layers.dense({ units: 1, inputShape: [2] })]);
 * model.compile({ optimizer: 'sgd', loss: 'mse' });
 * const backup = callbacks.backupAndRestore({ backupDir: 'backup' });
 * const options = { epochs: 3, verbose: 0, callbacks: backup } as const;
 * await model.fit(tensor([[1, 2], [3, 4]]), tensor([[3], [7]]), options);
 * ```
 */
export const backupAndRestore = (options: BackupAndRestoreOptions) => new BackupAndRestore(options);
/**
 * Writes losses, metrics, the learning rate and, if asked for, weights for TensorBoard to show.
 *
 * @example
 * ```ts
 * const model = sequential([layers.dense({ units: 1, inputShape: [2] })]);
 * model.compile({ optimizer: 'sgd', loss: 'mse' });
 * const board = callbacks.tensorBoard({ logDir: 'logs', histogramFreq: 1 });
 * await model.fit(tensor([[1, 2], [3, 4]]), tensor([[3], [7]]), { verbose: 0, callbacks: board });
 * // In a shell: tensorboard --logdir logs
 * ```
 */
export const tensorBoard = (options?: TensorBoardOptions) => new TensorBoard(options);
