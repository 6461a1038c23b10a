import { setTimeout as wait } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { hookNames } from '../../lib/callbacks/callback.js';
import { Monitor } from '../../lib/callbacks/monitor.js';
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

  describe.each(hookNames)('reject fit with what %s throws, and leave the model usable', (hook) => {
    const problem = new Error('mine');
    it.each([
      [
        'at once',
        () => {
          throw problem;
        },
      ],
      [
        'later',
        async () => {
          await wait(1);
          throw problem;
        },
      ],
    ])('%s', async (_, fails) => {
      const model = classifier();
      const options = { epochs: 3, batchSize: 4, verbose: 0 } as const;
      const callbacks = { [hook]: fails };
      expect(await failure(() => model.fit(x, y, { ...options, callbacks }))).toBe(problem);
      expect(weightsOf(model).flat().every(Number.isFinite)).toBe(true);
      const { epoch } = await model.fit(x, y, options);
      expect(epoch.length).toBe(3);
    });
  });

  it('go by name, as early stopping does by its patience', async () => {
    const worse = {
      onEpochEnd(epoch: number, logs: luge.Logs) {
        logs.val_loss = epoch;
      },
    };
    const callbacks = [worse, 'no-improvement-in-3', 'terminateOnNaN'] as const;
    const run = await classifier().fit(x, y, { epochs: 9, verbose: 0, callbacks });
    expect(run.epoch).toEqual([0, 1, 2, 3]);
    const unknown = await failure(() =>
      classifier().fit(x, y, { callbacks: 'earlyStoping' as never }),
    );
    expect(unknown.message).toContain("Did you mean 'earlyStopping'");
  });
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

  /** The epochs of a training whose validation losses those are. */
  const epochsWith = async (
    losses: readonly number[],
    options: Parameters<typeof luge.callbacks.earlyStopping>[0],
  ) => {
    const given = {
      onEpochEnd(epoch: number, logs: luge.Logs) {
        logs.val_loss = losses[epoch] as number;
      },
    };
    const callbacks = [given, luge.callbacks.earlyStopping(options)];
    const epochs = losses.length;
    return (await classifier().fit(x, y, { epochs, verbose: 0, callbacks })).epoch.length;
  };

  // As Keras 3 does with these options on these losses.
  it.each([
    ['patience 0: the first that is not better, but not the first of all', [1, 1, 1], {}, 2],
    [
      'what is not better by more than minDelta does not count',
      [5, 4.6, 4.2, 4],
      { minDelta: 0.5 },
      2,
    ],
    ['the sign of minDelta does not matter', [5, 4.4, 4.2, 4], { minDelta: -0.5 }, 3],
    [
      'a baseline that is not reached keeps the count going',
      [5, 4, 3, 2],
      { patience: 3, baseline: 1 },
      4,
    ],
    [
      'a baseline that is reached begins it anew',
      [5, 0.5, 3, 2, 2],
      { patience: 2, baseline: 1 },
      4,
    ],
    ['epochs before startFromEpoch do not count', [1, 5, 6, 5, 7, 8], { startFromEpoch: 2 }, 5],
    ['more may be better', [1, 2, 3, 3, 4], { mode: 'max' }, 4],
  ] as const)('%s', async (_, losses, options, epochs) => {
    expect(await epochsWith(losses, options)).toBe(epochs);
  });

  it.each([
    ['val_loss', -1],
    ['decoder_loss', -1],
    ['accuracy_loss', -1],
    ['val_mean_absolute_error', -1],
    ['root_mean_squared_error', -1],
    ['false_positives', -1],
    ['val_mae', -1],
    ['kl_divergence', -1],
    ['accuracy', 1],
    ['val_auc', 1],
    ['mean_io_u', 1],
    ['r2_score', 1],
    ['f1_score', 1],
    ['fbeta_score', 1],
    ['pearson_correlation', 1],
    ['cosine_similarity', 1],
    ['true_positives', 1],
  ])('knows which way %s gets better', (key, sign) => {
    expect(new Monitor('Test', key).sign).toBe(sign);
  });

  it('asks which way a value of one’s own gets better', () => {
    expect(() => luge.callbacks.earlyStopping({ monitor: 'val_score' })).toThrow(/mode: 'min' or/);
    luge.callbacks.earlyStopping({ monitor: 'val_score', mode: 'max' });
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

describe('terminateOnNaN', () => {
  const diverging = () =>
    classifier(3, { optimizer: luge.optimizers.sgd({ learningRate: 1e30 }), loss: 'mse' });
  const labels = luge.toCategorical(y);

  it('ends training as if it were through, or rejects fit', async () => {
    const ended: string[] = [];
    const watch = { onTrainEnd: () => void ended.push('end') };
    const options = { epochs: 50, batchSize: 4, verbose: 0 } as const;
    const callbacks = [watch, luge.callbacks.terminateOnNaN()];
    const { epoch } = await diverging().fit(x, labels, { ...options, callbacks });
    expect(epoch.length).toBeLessThan(50);
    expect(ended).toEqual(['end']);
    const raising = [watch, luge.callbacks.terminateOnNaN({ raiseError: true })];
    const error = await failure(() =>
      diverging().fit(x, labels, { ...options, callbacks: raising }),
    );
    expect(error).toMatchObject({ code: 'BAD_DATA' });
    expect(ended).toEqual(['end']);
  });
});
