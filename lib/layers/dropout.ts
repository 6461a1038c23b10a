import { checkCount, checkRange } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Value } from '../graph/ir.js';
import type { CallContext } from '../graph/symbolic.js';
import { dropout } from '../ops/dropout.js';
import { Layer, type LayerOptions } from './layer.js';

export interface DropoutOptions extends LayerOptions {
  /** Share of elements that are dropped, in [0, 1). */
  rate: number;
  /** Draws from a stream of its own. Default: the model's next one. */
  seed?: number;
}

/**
 * In training, sets each element to 0 with probability `rate` and multiplies the others by
 * 1 / (1 - rate); otherwise does nothing (Srivastava et al. 2014). Any shape.
 */
export class Dropout extends Layer {
  static override className = 'Dropout';
  readonly rate: number;
  private readonly seed: number | undefined;

  constructor(options: DropoutOptions) {
    super(options, ['rate', 'seed']);
    this.rate = this.named(() => checkRange('rate', options.rate, 0, 1));
    const { seed } = options;
    this.seed = seed === undefined ? undefined : this.named(() => checkCount('seed', seed, 0));
  }

  override call(x: Value, { training }: CallContext): Value {
    if (!training || this.rate === 0) return x;
    return dropout(x, this.rate, this.seed === undefined ? {} : { seed: this.seed });
  }

  override getConfig(): Config {
    return { ...super.getConfig(), rate: this.rate, seed: this.seed ?? null };
  }
}
