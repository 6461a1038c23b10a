// Trains with a backup; as a program, kills itself at the beginning of a batch:
//   node --import tsx backed_up_training.ts FOLDER EPOCH BATCH
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as luge from '../../lib/index.js';
import { clusters } from '../models/small_data.js';

export interface TrainingOptions {
  /** Of the backup and the log. */
  folder: string;
  saveFreq?: 'epoch' | number;
  /** Called at the beginning of each batch. */
  onBatch?: (epoch: number, batch: number) => void;
  deleteCheckpoint?: boolean;
}

/** Everything that can depend on where training was interrupted. */
export async function trainWithBackup(options: TrainingOptions) {
  const { folder, saveFreq = 'epoch', onBatch, deleteCheckpoint = true } = options;
  luge.setSeed(11);
  const { x, y } = clusters(90);
  const { layers, callbacks, optimizers } = luge;
  const model = luge.sequential([
    layers.dense({ units: 16, activation: 'relu', inputShape: [2] }),
    layers.batchNormalization(),
    layers.dropout({ rate: 0.3 }),
    layers.dense({ units: 3, activation: 'softmax' }),
  ]);
  model.compile({
    optimizer: optimizers.nadam({
      ...{ learningRate: 0.01, useEma: true, gradientAccumulationSteps: 3, clipnorm: 1 },
    }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  let epoch = 0;
  const rates: number[] = [];
  const stopping = callbacks.earlyStopping({ patience: 4, restoreBestWeights: true });
  const history = await model.fit(x, y, {
    epochs: 6,
    batchSize: 8,
    validationSplit: 0.2,
    verbose: 0,
    callbacks: [
      callbacks.backupAndRestore({ backupDir: join(folder, 'backup'), saveFreq, deleteCheckpoint }),
      callbacks.csvLogger(join(folder, 'log.csv')),
      // Gets worse from the second epoch on: the state of both counts.
      {
        onEpochEnd(at, logs) {
          logs.val_loss = at === 1 ? 0.1 : 1 + at;
        },
      },
      callbacks.reduceLROnPlateau({ factor: 0.7, patience: 2 }),
      stopping,
      {
        onEpochBegin(at) {
          epoch = at;
          rates.push(model.optimizer.learningRate);
        },
        ...(onBatch && { onTrainBatchBegin: (batch: number) => onBatch(epoch, batch) }),
      },
    ],
  });
  const hash = createHash('sha256');
  for (const { data } of model.getWeights()) hash.update(data);
  return {
    weights: hash.digest('hex'),
    iterations: model.optimizer.iterations,
    learningRate: model.optimizer.learningRate,
    rates,
    best: stopping.bestEpoch,
    epochs: history.epoch,
    losses: history.history.loss as number[],
    log: readFileSync(join(folder, 'log.csv'), 'utf8'),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [folder = '', dieEpoch, dieBatch] = process.argv.slice(2);
  await trainWithBackup({
    folder,
    onBatch(epoch, batch) {
      if (epoch === Number(dieEpoch) && batch === Number(dieBatch))
        process.kill(process.pid, 'SIGKILL');
    },
  });
}
