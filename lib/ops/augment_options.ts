import type { DType } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { checkChoice, checkFlag, checkOptions, checkRange } from '../core/options.js';
import type { ElasticOptions } from './elastic.js';
import { fillModes, type SamplingOptions } from './warp_images.js';

/** A number r for anything from -r to r, or [lowest, highest]. */
export type Range = number | readonly [lowest: number, highest: number];

export interface AugmentOptions extends SamplingOptions {
  /** Degrees, counter-clockwise, about the centre. */
  rotation?: Range;
  /** Shares of the image's size, to the right and down; for both axes, or for each. */
  translation?: Range | { readonly rows?: Range; readonly columns?: Range };
  /** Slant, as of handwriting: how many columns a row moves against its neighbour. */
  shear?: Range;
  /** 0.1 shows 10% more of the scene and so makes things smaller, -0.1 10% less, as Keras's RandomZoom. */
  zoom?: Range;
  /** Mirrors every second image, left to right. */
  horizontalFlip?: boolean;
  /** Mirrors every second image, top to bottom. */
  verticalFlip?: boolean;
  /** Elastic distortions (Simard, Steinkraus and Platt 2003); true for alpha 34 and sigma 4. */
  elastic?: boolean | ElasticOptions;
  /** A number c takes the contrast times 1 - c to 1 + c, [l, u] times 1 - l to 1 + u. */
  contrast?: Range;
  /** Added to all of an image, as a share of the range of values. */
  brightness?: Range;
  /** Standard deviation of normal noise, as a share of the range of values. */
  noise?: number;
  /** The range of values, to which results are cut. Default [0, 255] for bytes, else [0, 1]. */
  valueRange?: readonly [number, number];
  /** The same seed gives the same. Default: the next one of `setSeed`. */
  seed?: number;
}

const known = [
  ...['rotation', 'translation', 'shear', 'zoom', 'horizontalFlip', 'verticalFlip', 'elastic'],
  ...['contrast', 'brightness', 'noise', 'valueRange', 'seed'],
  ...['interpolation', 'fillMode', 'fillValue'],
];

type Bounds = readonly [number, number];

/** Options with defaults, checked; undefined for what is not asked for. */
export interface AugmentSettings {
  readonly rotation: Bounds | undefined;
  readonly rows: Bounds | undefined;
  readonly columns: Bounds | undefined;
  readonly shear: Bounds | undefined;
  readonly zoom: Bounds | undefined;
  readonly horizontalFlip: boolean;
  readonly verticalFlip: boolean;
  readonly elastic: ElasticOptions | undefined;
  readonly contrast: Bounds | undefined;
  readonly brightness: Bounds | undefined;
  readonly noise: number;
  readonly valueRange: Bounds | undefined;
  readonly sampling: SamplingOptions;
  readonly seed: number | undefined;
}

/** @throws LugeError UNKNOWN_NAME or BAD_ARGUMENT that names the option. */
export function augmentSettings(what: string, options: AugmentOptions): AugmentSettings {
  checkOptions(what, options, known);
  const { interpolation, fillMode, fillValue, seed } = options;
  checkChoice(`${what}: interpolation`, interpolation ?? 'bilinear', ['bilinear', 'nearest']);
  checkChoice(`${what}: fillMode`, fillMode ?? 'reflect', fillModes);
  if (seed !== undefined && !Number.isSafeInteger(seed)) {
    throw new LugeError('BAD_ARGUMENT', `${what}: seed must be a whole number, but got ${seed}.`);
  }
  const range = (name: keyof AugmentOptions, limits?: Bounds) =>
    boundsOf(`${what}: ${name}`, options[name] as Range | undefined, limits);
  return {
    rotation: range('rotation'),
    ...translation(what, options.translation),
    shear: range('shear'),
    zoom: range('zoom', [-0.99, 100]),
    horizontalFlip: checkFlag(`${what}: horizontalFlip`, options.horizontalFlip ?? false),
    verticalFlip: checkFlag(`${what}: verticalFlip`, options.verticalFlip ?? false),
    elastic: elastic(what, options.elastic),
    contrast: contrastBounds(`${what}: contrast`, options.contrast),
    brightness: range('brightness', [-1, 1]),
    noise: checkRange(`${what}: noise`, options.noise ?? 0, 0),
    valueRange: valueRange(`${what}: valueRange`, options.valueRange),
    sampling: { interpolation, fillMode, fillValue } as SamplingOptions,
    seed,
  };
}

/** [low, high] of a range; undefined when it is left out or only 0. */
export function boundsOf(
  what: string,
  range: Range | undefined,
  [least, most]: Bounds = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
): Bounds | undefined {
  if (range === undefined || range === 0) return undefined;
  const [low, high] = Array.isArray(range)
    ? (range as Bounds)
    : [-Math.abs(range as number), Math.abs(range as number)];
  const whole = typeof range === 'number' || (Array.isArray(range) && range.length === 2);
  const finite = Number.isFinite(low) && Number.isFinite(high);
  if (whole && finite && low <= high && low >= least && high <= most) {
    return low === 0 && high === 0 ? undefined : [low, high];
  }
  const within = Number.isFinite(least) ? ` within [${least}, ${most}]` : '';
  throw new LugeError(
    'BAD_ARGUMENT',
    `${what} must be a number r, for -r to r, or [lowest, highest]${within}, but got ` +
      `${JSON.stringify(range)}.`,
  );
}

/** The factors of a contrast; undefined when it stays as it is. */
export function contrastBounds(what: string, range: Range | undefined): Bounds | undefined {
  if (range === undefined || range === 0) return undefined;
  const [less, more] = (Array.isArray(range) ? range : [range, range]) as Bounds;
  const factors = [1 - less, 1 + more] as const;
  if (Number.isFinite(less) && Number.isFinite(more) && less <= 1 && factors[0] <= factors[1])
    return factors;
  throw new LugeError(
    'BAD_ARGUMENT',
    `${what} must be a number c in [0, 1], for factors of 1 - c to 1 + c, or [l, u] for 1 - l to ` +
      `1 + u, but got ${JSON.stringify(range)}.`,
  );
}

function translation(what: string, given: AugmentOptions['translation']) {
  const each =
    typeof given === 'object' && !Array.isArray(given) && given !== null
      ? (given as { rows?: Range; columns?: Range })
      : { rows: given as Range | undefined, columns: given as Range | undefined };
  checkOptions(`${what}: translation`, each, ['rows', 'columns']);
  return {
    rows: boundsOf(`${what}: translation`, each.rows),
    columns: boundsOf(`${what}: translation`, each.columns),
  };
}

function elastic(what: string, given: AugmentOptions['elastic']): ElasticOptions | undefined {
  if (given === undefined || given === false) return undefined;
  if (given === true) return {};
  checkOptions(`${what}: elastic`, given, ['alpha', 'sigma']);
  const { alpha = 34, sigma = 4 } = given;
  checkRange(`${what}: elastic: alpha`, alpha, 0);
  checkRange(`${what}: elastic: sigma`, sigma, 0.1);
  return alpha === 0 ? undefined : { alpha, sigma };
}

/** Checked [lowest, highest]. */
export function valueRange(what: string, range: Bounds | undefined): Bounds | undefined {
  if (range === undefined) return undefined;
  const [low, high] = (Array.isArray(range) ? range : [Number.NaN, Number.NaN]) as Bounds;
  if (Number.isFinite(low) && Number.isFinite(high) && low < high) {
    return [low, high];
  }
  throw new LugeError(
    'BAD_ARGUMENT',
    `${what} must be [lowest, highest], such as [0, 255], but got ${JSON.stringify(range)}.`,
  );
}

/** The range of values where none is given. */
export function usualRange(dtype: DType): Bounds {
  return dtype === 'uint8' ? [0, 255] : [0, 1];
}
