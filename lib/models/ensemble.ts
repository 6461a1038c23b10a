import { LugeError } from '../core/errors.js';
import { checkChoice } from '../core/options.js';
import { sameShape, showShape } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import type { SymbolicTensor } from '../graph/symbolic.js';
import { input } from '../layers/input_layer.js';
import type { Layer } from '../layers/layer.js';
import { Average } from '../layers/merging.js';
import { type Drawing, draw } from './lower.js';
import { Model, type Outputs } from './model.js';
import type { ModelData } from './model_data.js';
import type { PredictOptions } from './predict.js';
import type { Batches } from './prepare.js';

export interface VoteOptions extends PredictOptions {
  /**
   * 'average' (default): the class of the largest mean output; 'majority': the class that most models
   * choose, and of classes with as many votes the one with the larger mean.
   */
  vote?: 'average' | 'majority';
}

/**
 * Models that answer together: its outputs are the means of theirs. Made by `ensemble`.
 *
 * @example
 * ```ts
 * const make = () => sequential([layers.dense({ units: 1, inputShape: [2] })]);
 * const pair: Ensemble<Tensor> = ensemble([make(), make()]);
 * const y = await pair.predict([[1, 2], [3, 4]]);
 * y.shape; // => [2, 1]
 * ```
 */
export class Ensemble<Y extends Outputs = Outputs> extends Model<Y> {
  static override className = 'Ensemble';
  /** The models that it is made of. */
  readonly models: readonly Model<Y>[];
  override readonly drawing: Drawing;

  constructor(models: readonly Model<Y>[]) {
    super();
    this.models = [...models];
    this.drawing = drawMean(this, models);
    this.built = true;
    const options = models[0]?.compileOptions;
    if (options !== undefined) this.compile(options);
  }

  override get layers(): readonly Layer[] {
    return this.models;
  }

  override buildOn(): void {}

  /**
   * The class of each sample, int32 [n], by the mean output or by the votes of the models.
   *
   * @throws LugeError as `predict`; UNKNOWN_NAME for another kind of vote.
   */
  override async predictClasses(x: ModelData | Batches, options: VoteOptions = {}): Promise<Y> {
    const { vote = 'average', ...rest } = options;
    if (checkChoice('predictClasses: vote', vote, ['average', 'majority']) === 'average') {
      return super.predictClasses(x, rest);
    }
    const means = [await this.predict(x, rest)].flat();
    const votes: Tensor[][] = [];
    for (const model of this.models) votes.push([await model.predictClasses(x, rest)].flat());
    const chosen = means.map((mean, i) =>
      majority(
        mean,
        votes.map((all) => all[i] as Tensor),
      ),
    );
    return (chosen.length === 1 ? chosen[0] : chosen) as Y;
  }

  /** Always throws UNSUPPORTED: its models are to be saved, each in a file of its own. */
  override async save(): Promise<void> {
    throw this.error(
      'UNSUPPORTED',
      'an ensemble is saved model by model: for (const model of ensemble.models) await model.save(...).',
    );
  }
}

/** Inputs as the first model has them, and the mean of each output of all. */
function drawMean(ensemble: Ensemble, models: readonly Model[]): Drawing {
  const [first] = models;
  if (first === undefined || !models.every((model) => model instanceof Model)) {
    throw new LugeError('BAD_ARGUMENT', 'ensemble takes a list of at least one model.');
  }
  for (const model of models) checkAlike(ensemble, first, model);
  const inputs = first.inputs.map(({ shape, dtype, name }) =>
    input({ shape: shape.slice(1), dtype, name }),
  );
  const outputs = models.map((model) => [model.apply<SymbolicTensor>(inputs)].flat());
  const means = first.outputs.map((_, i) => {
    const all = outputs.map((each) => each[i] as SymbolicTensor);
    return all.length === 1 ? (all[0] as SymbolicTensor) : new Average().apply<SymbolicTensor>(all);
  });
  return draw(inputs, means);
}

function checkAlike(ensemble: Ensemble, first: Model, model: Model): void {
  for (const kind of ['inputs', 'outputs'] as const) {
    const [wanted, found] = [first[kind], model[kind]];
    const same =
      wanted.length === found.length &&
      wanted.every(({ shape }, i) => sameShape(shape as number[], found[i]?.shape as number[]));
    if (same) continue;
    const show = (list: readonly SymbolicTensor[]) =>
      list.map(({ shape }) => showShape(shape)).join(', ');
    throw ensemble.error(
      'BAD_SHAPE',
      `its models must have ${kind} of the same shapes, but '${first.name}' has ${show(wanted)} and ` +
        `'${model.name}' ${show(found)}.`,
    );
  }
}

/** The class with most votes for each sample; of several, the one with the largest mean output. */
function majority(mean: Tensor, votes: readonly Tensor[]): Tensor {
  const [{ size, shape }] = votes as [Tensor];
  const width = mean.size / size;
  // An output of size 1 tells how likely class 1 is.
  const score = (at: number, label: number) => {
    if (width > 1) return mean.data[at * width + label] as number;
    return label === 1 ? (mean.data[at] as number) : 1 - (mean.data[at] as number);
  };
  const chosen = new Int32Array(size);
  for (let at = 0; at < size; at++) {
    const counts = new Map<number, number>();
    for (const { data } of votes) {
      const label = data[at] as number;
      counts.set(label, (counts.get(label) ?? 0) + 1);
    }
    const most = Math.max(...counts.values());
    const tied = [...counts.keys()].filter((label) => counts.get(label) === most);
    chosen[at] = tied.reduce((a, b) => (score(at, b) > score(at, a) ? b : a));
  }
  return new Tensor(chosen, shape);
}

/**
 * Several models as one, which is usually better than each of them: its output is the mean of theirs.
 * It predicts and is measured like any model, in one program; when the first model is compiled, it is
 * compiled with the same loss and metrics. Its models go on working alone.
 *
 * @param models built, with inputs and outputs of the same shapes.
 * @throws LugeError BAD_ARGUMENT, NOT_BUILT, BAD_SHAPE.
 *
 * @example
 * ```ts
 * const make = () =>
 *   sequential([layers.dense({ units: 3, activation: 'softmax', inputShape: [2] })]);
 * const three = ensemble([make(), make(), make()]);
 * const classes = await three.predictClasses([[1, 2], [3, 4]], { vote: 'majority' });
 * classes.shape; // => [2]
 * ```
 */
export function ensemble<Y extends Outputs>(models: readonly Model<Y>[]): Ensemble<Y> {
  return new Ensemble(models);
}
