import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LugeError } from '../core/errors.js';
import { checkCount, checkOptions } from '../core/options.js';
import { diskProblem } from '../core/write_file.js';
import { Callback, type CallbackState } from './callback.js';

export interface BackupAndRestoreOptions {
  /** The folder of the backup, for one training alone. It is made when there is none. */
  backupDir: string;
  /** Back up after each epoch ('epoch'), or each time after so many batches. Default 'epoch'. */
  saveFreq?: 'epoch' | number;
  /** Delete the backup when training is through. Default true. */
  deleteCheckpoint?: boolean;
}

const fileName = 'training.h5';

/**
 * Lets training that was interrupted go on: run the same program again, and `fit` begins with the
 * epoch, or the batch, that the backup was made at (Keras's BackupAndRestore).
 *
 * What comes out is what would have come out without the interruption, bit for bit: the backup holds
 * the weights, the optimizer's memory and learning rate, the state of shuffling and dropout, the
 * sums of the metrics, and what the other callbacks remember (earlyStopping's best weights, the
 * length of csvLogger's file and so on; for a class of your own see `getState`). The model, the
 * options of `compile` and `fit` and the data must be the same; an iterable of your own must give the
 * same batches in an epoch whether or not the epochs before were asked for. The history that `fit`
 * answers with begins where it went on; csvLogger keeps all epochs.
 *
 * A backup replaces the one before as a whole: losing power while it is written loses nothing.
 *
 * @throws LugeError BAD_DATA when the backup is of another model; BAD_ARGUMENT when it cannot be
 *   written, which ends training.
 * @example
 * ```ts
 * const backup = new callbacks.BackupAndRestore({ backupDir: 'backup' });
 * const model = sequential([layers.dense({ units: 1, inputShape: [1] })]);
 * model.compile({ optimizer: 'sgd', loss: 'mse' });
 * await model.fit([[0], [1]], [0, 1], { epochs: 2, callbacks: backup, verbose: 0 });
 * ```
 */
export class BackupAndRestore extends Callback {
  private readonly folder: string;
  private readonly file: string;
  private readonly deletes: boolean;
  private readonly every: number | undefined;
  private batches = 0;
  private isDue = false;

  constructor(options: BackupAndRestoreOptions) {
    super();
    checkOptions('BackupAndRestore', options, ['backupDir', 'saveFreq', 'deleteCheckpoint']);
    const { backupDir, saveFreq = 'epoch', deleteCheckpoint = true } = options;
    if (typeof backupDir !== 'string' || backupDir === '') {
      throw new LugeError(
        'BAD_ARGUMENT',
        `BackupAndRestore: backupDir must be a folder's path, but got ${JSON.stringify(backupDir)}.`,
      );
    }
    this.folder = backupDir;
    this.file = join(backupDir, fileName);
    this.deletes = deleteCheckpoint;
    if (saveFreq === 'epoch') return;
    this.every = checkCount("BackupAndRestore: saveFreq, if not 'epoch',", saveFreq);
    this.watchBatches(this.every);
  }

  override async onTrainBegin(): Promise<void> {
    this.batches = 0;
    this.isDue = false;
    this.prepareFolder();
    if (!existsSync(this.file)) return;
    try {
      const { epoch, batch } = await this.training.resume(this.file);
      if (this.params.verbose === 0 || epoch >= this.params.epochs) return;
      const place = batch === 0 ? '' : `, after ${batch} batches,`;
      console.log(`Going on with epoch ${epoch + 1}${place} from the backup in '${this.folder}'.`);
    } catch (error) {
      if (!(error instanceof LugeError)) throw error;
      throw new LugeError(
        error.code,
        `BackupAndRestore: ${error.message} If this is another training, choose another backupDir; to begin ` +
          `anew, delete '${this.file}'.`,
        { cause: error },
      );
    }
  }

  override async onEpochEnd(): Promise<void> {
    if (this.every === undefined || this.isDue) await this.save();
  }

  override onTrainEnd(): void {
    if (!this.deletes) return;
    rmSync(this.file, { force: true });
    if (readdirSync(this.folder).length === 0) rmdirSync(this.folder);
  }

  override getState(): CallbackState {
    return { batches: this.batches };
  }

  override setState({ batches }: CallbackState): void {
    this.batches = batches as number;
  }

  /**
   * A backup that is due is made before the next batch or at the end of the epoch, whichever comes:
   * at an end that nobody knows of beforehand, validation belongs to the epoch, too.
   */
  private watchBatches(every: number): void {
    this.onTrainBatchEnd = () => {
      this.batches += 1;
      this.isDue = this.batches % every === 0;
    };
    this.onTrainBatchBegin = async () => {
      if (this.isDue) await this.save();
    };
  }

  private async save(): Promise<void> {
    this.isDue = false;
    await this.training.save(this.file);
  }

  /** Makes the folder, and clears what a backup that was cut short has left. */
  private prepareFolder(): void {
    try {
      mkdirSync(this.folder, { recursive: true });
      const leftover = new RegExp(`^\\.${fileName}\\..*\\.tmp$`);
      for (const name of readdirSync(this.folder)) {
        if (leftover.test(name)) rmSync(join(this.folder, name), { force: true });
      }
    } catch (error) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `BackupAndRestore cannot use the folder '${this.folder}': ${diskProblem(error)}.`,
        { cause: error },
      );
    }
  }
}
