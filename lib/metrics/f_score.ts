import { LugeError } from '../core/errors.js';
import { checkChoice, checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import { showShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import { alignShapes } from '../losses/shapes.js';
import { greater, greaterEqual, multiply } from '../ops/binary.js';
import { cast } from '../ops/cast.js';
import { concat } from '../ops/concat.js';
import { max, sum } from '../ops/reduce.js';
import { abs } from '../ops/unary.js';
import { Metric, type MetricOptions } from './metric.js';
import { spreadWeights } from './weights.js';

const averages = ['micro', 'macro', 'weighted'] as const;

/** Added to every denominator, as in Keras. */
const kEpsilon = 1e-7;

export interface F1ScoreOptions extends MetricOptions {
  /**
   * 'micro' counts all classes together, 'macro' takes the mean over the classes, 'weighted' the
   * mean weighted by how often each is right. Default null: each class is reported on its own, as
   * `name_0`, `name_1` and so on.
   */
  average?: (typeof averages)[number] | null;
  /** Predictions above it count as 1, in (0, 1]. Default: the largest of a row does. */
  threshold?: number;
}

export interface FBetaScoreOptions extends F1ScoreOptions {
  /** How many times recall is as important as precision, above 0. Default 1. */
  beta?: number;
}

/**
 * (1 + beta^2) * precision * recall / (beta^2 * precision + recall), for one-hot labels (or several
 * of 1) and predictions [batch, classes].
 *
 * Source: Keras's FBetaScore.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: 'mse', metrics: metrics.fBetaScore({ beta: 2, average: 'micro' }) });
 * const [x, y] = [[[0.9, 0.1], [0.4, 0.6]], [[1, 0], [1, 0]]];
 * await model.evaluate(x, y); // => { loss: 0.185, fbeta_score: 0.5 }
 * ```
 */
export class FBetaScore extends Metric {
  static override className = 'FBetaScore';
  private readonly average: F1ScoreOptions['average'];
  private readonly beta: number;
  private readonly threshold: number | undefined;

  constructor(
    options: FBetaScoreOptions = {},
    name = 'fbeta_score',
    known = ['average', 'beta', 'threshold'],
  ) {
    super(options, name, known);
    this.average = options.average ?? null;
    if (this.average !== null) checkChoice(`${this.className}: average`, this.average, averages);
    this.beta = options.beta ?? 1;
    if (!(this.beta > 0 && this.beta < Number.POSITIVE_INFINITY)) {
      throw new LugeError(
        'BAD_ARGUMENT',
        `${this.className}: beta must be a finite number above 0, but got ${this.beta}.`,
      );
    }
    this.threshold = options.threshold;
    if (this.threshold !== undefined) {
      checkRange(`${this.className}: threshold`, this.threshold, Number.MIN_VALUE, 1, true);
    }
  }

  /** For each class: true positives, what is predicted to be 1, and what is. */
  override update(yTrue: Value, yPred: Value, weight?: Value): Value {
    const [truth, predictions] = alignShapes(this.name, yTrue, yPred);
    if (truth.rank !== 2) {
      throw new LugeError(
        'BAD_SHAPE',
        `${this.name}: expected labels and predictions of shape [batch, classes], but got predictions ` +
          `of shape ${showShape(yPred.shape)}.`,
      );
    }
    const guess = cast(this.guess(predictions), 'float32');
    const terms = [multiply(guess, truth), guess, truth];
    const weights = weight && spreadWeights(this.name, weight, truth.shape);
    return concat(
      terms.map((term) => sum(weights === undefined ? term : multiply(term, weights), 0)),
      0,
    );
  }

  /** Which predictions count as 1. Rows of zeros have no largest. */
  private guess(predictions: Value): Value {
    if (this.threshold !== undefined) return greater(predictions, this.threshold);
    const isLargest = greaterEqual(predictions, max(predictions, -1, true));
    return multiply(isLargest, greater(abs(predictions), 1e-9));
  }

  override result(sums: Float64Array): number | number[] {
    const classes = sums.length / 3;
    const [right, guessed, true_] = [0, 1, 2].map((part) =>
      sums.subarray(part * classes, (part + 1) * classes),
    ) as [Float64Array, Float64Array, Float64Array];
    if (this.average === 'micro') return this.score(total(right), total(guessed), total(true_));
    const scores = Array.from(right, (hits, i) =>
      this.score(hits, guessed[i] as number, true_[i] as number),
    );
    if (this.average === null) return scores;
    if (this.average === 'macro') return total(scores) / classes;
    const all = total(true_) + kEpsilon;
    return total(scores.map((score, i) => (score * (true_[i] as number)) / all));
  }

  private score(right: number, guessed: number, true_: number): number {
    const precision = right / (guessed + kEpsilon);
    const recall = right / (true_ + kEpsilon);
    const square = this.beta ** 2;
    return ((1 + square) * precision * recall) / (square * precision + recall + kEpsilon);
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      average: this.average,
      beta: this.beta,
      threshold: this.threshold ?? null,
    };
  }
}

/**
 * 2 * precision * recall / (precision + recall): `FBetaScore` with a beta of 1, for one-hot labels
 * (or several of 1) and predictions [batch, classes].
 *
 * Source: Keras's F1Score.
 *
 * @example
 * ```ts
 * const model = sequential([layers.activation({ activation: 'linear', inputShape: [2] })]);
 * model.compile({ loss: 'mse', metrics: metrics.f1Score() });
 * const [x, y] = [[[0.9, 0.1], [0.4, 0.6], [0.7, 0.3]], [[1, 0], [1, 0], [0, 1]]];
 * await model.evaluate(x, y); // => { loss: 0.2867, f1_score_0: 0.5, f1_score_1: 0 }
 * ```
 */
export class F1Score extends FBetaScore {
  static override className = 'F1Score';

  constructor(options: F1ScoreOptions = {}) {
    super(options, 'f1_score', ['average', 'threshold']);
  }

  override getConfig(): Config {
    const { beta: _, ...config } = super.getConfig();
    return config;
  }
}

function total(numbers: ArrayLike<number>): number {
  return Array.from(numbers).reduce((a, b) => a + b, 0);
}

/** 2 * precision * recall / (precision + recall), each class alone unless `average` is given. */
export const f1Score = (options?: F1ScoreOptions): Metric => new F1Score(options);

/** The same with recall beta times as important as precision. */
export const fBetaScore = (options?: FBetaScoreOptions): Metric => new FBetaScore(options);
