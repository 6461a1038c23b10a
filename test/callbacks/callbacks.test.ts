import { setTimeout as wait } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import * as luge from '../../lib/index.js';
import { classifier, clusters, failure, weightsOf } from '../models/small_data.js';

const { x, y } = clusters(20);

beforeEach(() => luge.setSeed(7));

describe('callbacks', () => {
  it('are called in order, and waited for', async () => {
    const calls: string[] = [];
    class Recorder extends luge.Callback {
      override onTrainBegin() {
        calls.push(`begin ${this.params.epochs} epochs of ${this.params.steps} steps`);
      }
      override async onEpochBegin(epoch: number) {
        await wait(5);
        calls.push(`epoch ${epoch}`);
      }
      override onTrainBatchBegin(batch: number) {
        calls.push(`batch ${batch}`);
      }
      override async onTrainBatchEnd(batch: number, logs: luge.Logs) {
        await wait(1);
        calls.push(`batch ${batch} over: ${Object.keys(logs)}`);
      }
      override onEpochEnd(epoch: number, logs: luge.Logs) {
        calls.push(`epoch ${epoch} over: ${Object.keys(logs)}`);
      }
      override onTrainEnd() {
        calls.push('end');
      }
    }
    const callbacks = [new Recorder()];
    const options = { epochs: 2, batchSize: 16, verbose: 0 } as const;
    await classifier().fit(x, y, { ...options, callbacks, validationSplit: 0.1 });
    const epoch = (e: number) => [
      `epoch ${e}`,
      'batch 0',
      'batch 0 over: loss,accuracy',
      'batch 1',
      'batch 1 over: loss,accuracy',
      `epoch ${e} over: loss,accuracy,val_loss,val_accuracy`,
    ];
    expect(calls).toEqual(['begin 2 epochs of 2 steps', ...epoch(0), ...epoch(1), 'end']);
  });

  it('hear means over the epoch so far, the last of which the history gets', async () => {
    const losses: number[] = [];
    const callbacks = {
      onTrainBatchEnd: (_: number, logs: luge.Logs) => {
        losses.push(logs.loss as number);
      },
    };
    const run = await classifier().fit(x, y, { batchSize: 8, verbose: 0, callbacks });
    expect(losses.length).toBe(3);
    expect(run.history.loss).toEqual([losses[2]]);
  });

  it('change the learning rate for the batch that begins', async () => {
    const model = classifier(3, { optimizer: luge.optimizers.sgd({ learningRate: 0.1 }) });
    const seen: boolean[] = [];
    let before = weightsOf(model);
    await model.fit(x, y, {
      batchSize: 5,
      verbose: 0,
      callbacks: {
        onTrainBatchBegin(batch) {
          model.optimizer.learningRate = batch % 2;
        },
        onTrainBatchEnd() {
          const after = weightsOf(model);
          seen.push(`${after}` !== `${before}`);
          before = after;
        },
      },
    });
    expect(seen).toEqual([false, true, false, true]);
  });

  it('add to the history', async () => {
    const callbacks = {
      onEpochEnd(epoch: number, logs: luge.Logs) {
        logs.extra = epoch * 2;
      },
    };
    const { history } = await classifier().fit(x, y, { epochs: 3, verbose: 0, callbacks });
    expect(history.extra).toEqual([0, 2, 4]);
  });

  it.each(['onTrainBegin', 'onEpochBegin', 'onTrainBatchEnd', 'onTrainChunkEnd', 'onEpochEnd'])(
    'reject fit with what %s throws, and leave the model usable',
    async (hook) => {
      const model = classifier();
      const problem = new Error('mine');
      const fails = {
        [hook]: async () => {
          await wait(1);
          throw problem;
        },
      };
      const options = { epochs: 3, batchSize: 4, verbose: 0 } as const;
      expect(await failure(() => model.fit(x, y, { ...options, callbacks: fails }))).toBe(problem);
      const { epoch } = await model.fit(x, y, options);
      expect(epoch.length).toBe(3);
    },
  );
});

describe('earlyStopping', () => {
  it('ends training and goes back to the best weights', async () => {
    const model = classifier(3, { optimizer: luge.optimizers.sgd({ learningRate: 0.1 }) });
    const stopping = luge.callbacks.earlyStopping({
      monitor: 'loss',
      patience: 2,
      restoreBestWeights: true,
    });
    let best: number[][] = [];
    const run = await model.fit(x, y, {
      epochs: 50,
      batchSize: 20,
      verbose: 0,
      callbacks: [
        {
          onEpochEnd(epoch, logs) {
            // Better until epoch 3, and never again.
            logs.loss = Math.abs(epoch - 3);
            if (epoch === 3) best = weightsOf(model);
          },
        },
        stopping,
      ],
    });
    expect(run.epoch).toEqual([0, 1, 2, 3, 4, 5]);
    expect(stopping.stoppedEpoch).toBe(5);
    expect(stopping.bestEpoch).toBe(3);
    expect(weightsOf(model)).toEqual(best);
  });

  it('takes more accuracy for better', async () => {
    const stopping = luge.callbacks.earlyStopping({ monitor: 'accuracy', patience: 1 });
    const falling = {
      onEpochEnd(epoch: number, logs: luge.Logs) {
        logs.accuracy = 1 / (1 + epoch);
      },
    };
    const callbacks = [falling, stopping];
    const run = await classifier().fit(x, y, { epochs: 9, verbose: 0, callbacks });
    expect(run.epoch).toEqual([0, 1]);
  });

  it('says when there is nothing to watch', async () => {
    const callbacks = luge.callbacks.earlyStopping();
    const error = await failure(() => classifier().fit(x, y, { verbose: 0, callbacks }));
    expect(error.message).toMatch(
      /watches 'val_loss', but an epoch has loss, accuracy\. Give fit validationData/,
    );
    expect(() => luge.callbacks.earlyStopping({ patience: -1 })).toThrow(/patience/);
    expect(() => luge.callbacks.earlyStopping({ monitr: 'loss' } as never)).toThrow(
      /Did you mean 'monitor'/,
    );
  });
});
