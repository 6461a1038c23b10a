import { checkChoice } from '../core/options.js';
import type { ClassConfig, Config } from '../core/registry.js';
import type { PartialShape } from '../core/shape.js';
import type { Value } from '../graph/ir.js';
import type { CallContext, SymbolicTensor } from '../graph/symbolic.js';
import { add, multiply } from '../ops/binary.js';
import { concat } from '../ops/concat.js';
import { inside, shapesOf } from './check_input.js';
import { Layer, type LayerOptions, layerOptionsFrom } from './layer.js';
import type { Masks } from './masks.js';
import { RecurrentLayer, statesAsArgument } from './recurrent_layer.js';
import type { RecurrentCallOptions } from './recurrent_options.js';
import { registry, serializeLayer } from './registry.js';
import { reversed } from './steps.js';

const mergeModes = ['concat', 'sum', 'mul', 'ave'] as const;

export interface BidirectionalOptions extends LayerOptions {
  /** The recurrent layer for the way forward, such as `layers.lstm({ units: 64 })`; it is copied. */
  layer: RecurrentLayer | ClassConfig;
  /** For the way back. Default: a copy of `layer` with `goBackwards`, with weights of its own. */
  backwardLayer?: RecurrentLayer | ClassConfig;
  /**
   * What becomes of both outputs: side by side ('concat'), their sum, product ('mul') or mean ('ave');
   * null gives both, one after the other. Default 'concat'.
   */
  mergeMode?: (typeof mergeModes)[number] | null;
}

/**
 * A recurrent layer that goes through sequences both ways (Schuster and Paliwal 1997; Keras's
 * `Bidirectional`).
 *
 * Input [batch, time, n], or that and the first states: those for the way forward, then those for
 * the way back. Output [batch, 2 units], or [batch, time, 2 units] where the layer gives every step,
 * those of the way back turned around; [..., units] for all but 'concat'. With `returnState` the last
 * states follow, both ways. Weights: those of the way forward, then those of the way back. Masked
 * steps give 0 where every step is given.
 *
 * @throws LugeError BAD_ARGUMENT unless `layer` is a recurrent layer that goes forward and
 *   `backwardLayer` one that goes back and gives outputs and states alike.
 *
 * @example
 * ```ts
 * const layer = layers.bidirectional({ layer: layers.lstm({ units: 4, returnSequences: true }) });
 * layer.apply(input({ shape: [7, 3] })).shape; // => [null, 7, 8]
 * ```
 */
export class Bidirectional extends Layer {
  static override className = 'Bidirectional';
  override supportsMasking = true;
  override readonly callOptions = ['mask', 'initialState'];
  private readonly forward: RecurrentLayer;
  private readonly backward: RecurrentLayer;
  private readonly mergeMode: (typeof mergeModes)[number] | null;

  constructor(options: BidirectionalOptions) {
    super(options, ['layer', 'backwardLayer', 'mergeMode']);
    const { layer, backwardLayer, mergeMode = 'concat' } = options;
    const given = this.recurrent('layer', layer);
    this.forward = copyOf(given, 'forward', {});
    this.backward =
      backwardLayer === undefined
        ? copyOf(given, 'backward', { go_backwards: true })
        : this.recurrent('backwardLayer', backwardLayer);
    this.mergeMode = this.named(() =>
      mergeMode === null ? null : checkChoice('mergeMode', mergeMode, mergeModes),
    );
    this.checkLayers();
    for (const each of [this.forward, this.backward]) each.zeroOutputForMask = each.returnSequences;
  }

  override apply<T extends SymbolicTensor | Value, Y = T>(
    inputs: T | readonly T[],
    options: RecurrentCallOptions<T> = {},
  ): Y {
    return super.apply(inputs, options);
  }

  override build(inputShape: PartialShape | PartialShape[]): void {
    const [x, ...states] = shapesOf(inputShape) as [PartialShape, ...PartialShape[]];
    const half = states.length / 2;
    inside(this, () => {
      this.forward.buildFor([x, ...states.slice(0, half)]);
      this.backward.buildFor([x, ...states.slice(half)]);
    });
  }

  override call(
    inputs: Value | Value[],
    { initialState = [] }: CallContext & RecurrentCallOptions<Value>,
  ): Value[] {
    const [x, ...listed] = [inputs].flat() as [Value, ...Value[]];
    const states = [...listed, ...[initialState].flat()] as Value[];
    const half = Math.ceil(states.length / 2);
    const run = (layer: RecurrentLayer, initial: readonly Value[]) =>
      inside(this, () => [layer.apply<Value, Value | Value[]>([x, ...initial])].flat()) as [
        Value,
        ...Value[],
      ];
    const [y, ...ahead] = run(this.forward, states.slice(0, half));
    const [z, ...back] = run(this.backward, states.slice(half));
    return [...this.merge(y, this.forward.returnSequences ? reversed(z) : z), ...ahead, ...back];
  }

  override computeMask(_: Value | Value[], mask: Masks): Masks {
    if (!this.forward.returnSequences) return undefined;
    const [first] = [mask].flat();
    return this.mergeMode === null ? [first, first] : [first];
  }

  override kerasArguments(inputs: readonly unknown[]) {
    return statesAsArgument(inputs);
  }

  private merge(y: Value, z: Value): Value[] {
    switch (this.mergeMode) {
      case null:
        return [y, z];
      case 'concat':
        return [concat([y, z])];
      case 'mul':
        return [multiply(y, z)];
      case 'sum':
        return [add(y, z)];
      case 'ave':
        return [multiply(add(y, z), 0.5)];
    }
  }

  private recurrent(option: string, given: RecurrentLayer | ClassConfig): RecurrentLayer {
    const layer = given && this.named(() => registry.get(given));
    if (layer instanceof RecurrentLayer) return layer;
    throw this.error(
      'BAD_ARGUMENT',
      `${option} must be a recurrent layer, such as layers.lstm({ units: 64 }), but got ` +
        `${layer instanceof Layer ? `a ${layer.className}` : JSON.stringify(given)}.`,
    );
  }

  private checkLayers(): void {
    const { forward, backward } = this;
    if (forward.goBackwards === backward.goBackwards) {
      throw this.error(
        'BAD_ARGUMENT',
        `one of its layers must go forward and the other one backwards, but goBackwards is ` +
          `${forward.goBackwards} for both.`,
      );
    }
    for (const option of ['stateful', 'returnSequences', 'returnState'] as const) {
      if (forward[option] === backward[option]) continue;
      throw this.error(
        'BAD_ARGUMENT',
        `${option} must be the same in both of its layers, but it is ${forward[option]} for '${forward.name}' ` +
          `and ${backward[option]} for '${backward.name}'.`,
      );
    }
  }

  override getConfig(): Config {
    return {
      ...super.getConfig(),
      merge_mode: this.mergeMode,
      layer: serializeLayer(this.forward),
      backward_layer: serializeLayer(this.backward),
    };
  }

  static override fromConfig<L extends Layer>(this: new (options: never) => L, config: Config): L {
    // Elsewhere null stands for an option that is not given.
    const { merge_mode: mergeMode = 'concat', ...rest } = config;
    return new this({ ...layerOptionsFrom(rest), mergeMode } as never);
  }
}

/** A layer of the same settings but for some, without weights yet. */
function copyOf(layer: RecurrentLayer, way: string, settings: Config): RecurrentLayer {
  const name = layer.name.startsWith(`${way}_`) ? layer.name : `${way}_${layer.name}`;
  const config = { ...layer.getConfig(), ...settings, name };
  return registry.get({ class_name: layer.className, config }) as RecurrentLayer;
}
