import { Random } from '../core/random.js';
import type { OptionsOf, Space } from './space.js';
import type { Trial } from './trial.js';

/** What to try next: options, and the share of the data to train with. */
export interface Proposal<S extends Space> {
  readonly options: OptionsOf<S>;
  readonly fraction: number;
}

/** How to search, checked. */
export interface SearchSettings<S extends Space> {
  readonly space: S;
  readonly trials: number;
  readonly gridPoints: number;
  readonly fraction: number;
  readonly finalists: number;
  readonly start: Partial<OptionsOf<S>>;
  readonly seed: number;
  /** Puts trials in order, the best first. */
  rank(trials: readonly Trial<S>[]): Trial<S>[];
}

/** Proposes trials in rounds, each from the results of all rounds before. */
export type Search = <S extends Space>(
  settings: SearchSettings<S>,
) => Generator<Proposal<S>[], void, readonly Trial<S>[]>;

/** Every combination of values, then the best of them with all data. */
const grid: Search = function* (settings) {
  const { space, gridPoints, fraction } = settings;
  let all: Record<string, unknown>[] = [{}];
  for (const [name, dimension] of Object.entries(space)) {
    all = all.flatMap((options) =>
      dimension.grid(gridPoints).map((value) => ({ ...options, [name]: value })),
    );
  }
  const found = yield all.map((options) => ({ options: options as never, fraction }));
  yield* finals(settings, found);
};

/** Values by chance, then the best with all data (Bergstra and Bengio 2012). */
const random: Search = function* (settings) {
  const found = yield draws(settings, settings.fraction);
  yield* finals(settings, found);
};

/**
 * One option after the other, the others at the best that was found so far, then the best with all
 * data (Nielsen, Neural Networks and Deep Learning, chapter 3).
 */
const oneAtATime: Search = function* (settings) {
  const { space, gridPoints, fraction, start, rank } = settings;
  let best = Object.fromEntries(
    Object.entries(space).map(([name, dimension]) => [name, dimension.grid(1)[0]]),
  );
  best = { ...best, ...start };
  let all: readonly Trial<never>[] = [];
  for (const [name, dimension] of Object.entries(space)) {
    const values = dimension.grid(gridPoints);
    const start = best[name];
    // The value that it has takes part, too.
    const candidates = values.includes(start) ? values : [start, ...values];
    const found = yield candidates.map((value) => ({
      options: { ...best, [name]: value } as never,
      fraction,
    }));
    all = [...all, ...(found as readonly Trial<never>[])];
    const first = rank(found).at(0);
    if (first !== undefined && first.error === undefined) best = { ...first.options };
  }
  yield* finals(settings, all as never);
};

/**
 * Values by chance on a small share of the data; the better third goes on with three times as much,
 * until it is all (Jamieson and Talwalkar 2016).
 */
const successiveHalving: Search = function* (settings) {
  let { fraction } = settings;
  let next = draws(settings, fraction);
  for (;;) {
    const found = settings.rank(yield next).filter(({ error }) => error === undefined);
    if (fraction >= 1 || found.length === 0) return;
    fraction = Math.min(1, fraction * kHalving);
    const kept = found.slice(0, Math.max(1, Math.floor(found.length / kHalving)));
    next = kept.map(({ options }) => ({ options, fraction }));
  }
};

const kHalving = 3;

export const searches = { grid, random, oneAtATime, successiveHalving };

function draws<S extends Space>(
  { space, trials, seed }: SearchSettings<S>,
  fraction: number,
): Proposal<S>[] {
  const generator = new Random(seed);
  return Array.from({ length: trials }, () => {
    const options = Object.entries(space).map(([name, dimension]) => [
      name,
      dimension.draw(generator),
    ]);
    return { options: Object.fromEntries(options) as OptionsOf<S>, fraction };
  });
}

/** The best once more with all data, when there was only a share before. */
function* finals<S extends Space>(
  { fraction, finalists, rank }: SearchSettings<S>,
  found: readonly Trial<S>[],
): Generator<Proposal<S>[], void, readonly Trial<S>[]> {
  if (fraction >= 1) return;
  const different = new Map(rank(found).map((trial) => [JSON.stringify(trial.options), trial]));
  const best = [...different.values()].filter(({ error }) => error === undefined);
  yield best.slice(0, finalists).map(({ options }) => ({ options, fraction: 1 }));
}
