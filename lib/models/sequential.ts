import { LugeError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import type { ClassConfig, Config } from '../core/registry.js';
import type { PartialShape } from '../core/shape.js';
import type { Tensor } from '../core/tensor.js';
import { SymbolicTensor } from '../graph/symbolic.js';
import { register } from '../layers/index.js';
import { InputLayer, input } from '../layers/input_layer.js';
import { Layer } from '../layers/layer.js';
import { layerConfig, layerFrom } from './architecture.js';
import { type Drawing, draw } from './lower.js';
import { Model } from './model.js';
import { describe } from './model_data.js';

export interface SequentialOptions {
  /** The layers, the first of them perhaps an `input(...)`. */
  layers?: readonly (Layer | SymbolicTensor)[];
  /** Default: 'sequential', with a number from the second on. */
  name?: string;
  /** Whether training changes the weights. Default true. */
  trainable?: boolean;
}

/**
 * Layers one behind the other. It is built as soon as the shape of its input is known: from the
 * first layer's `inputShape`, an `input(...)` in front, or the first data.
 *
 * @example
 * ```ts
 * const network = new Sequential({
 *   layers: [layers.dense({ units: 1, inputShape: [2] })],
 *   name: 'line',
 * });
 * network.name; // => 'line'
 * ```
 */
export class Sequential extends Model<Tensor> {
  static override className = 'Sequential';
  private readonly stack: Layer[] = [];
  private drawn: Drawing | undefined;

  constructor(options: SequentialOptions = {}) {
    checkOptions('sequential', options, ['layers', 'name', 'trainable']);
    const { layers = [], ...rest } = options;
    super(rest);
    for (const layer of layers) this.add(layer);
    if (options.trainable === false) this.trainable = false;
  }

  override get layers(): readonly Layer[] {
    return this.stack;
  }

  override get drawing(): Drawing {
    if (this.drawn !== undefined && this.stack.length > 0) return this.drawn;
    throw this.error(
      'NOT_BUILT',
      this.stack.length === 0
        ? 'it has no layers yet: call add first.'
        : 'the shape of its input is not known yet: give the first layer an inputShape, put an input({ shape }) ' +
            'in front, or train or predict first.',
    );
  }

  /**
   * Puts a layer at the end; its weights are made at once when the input's shape is known.
   *
   * @throws LugeError naming the layer when it does not fit; the model is then as before.
   * @example
   * ```ts
   * const network = sequential();
   * network.add(layers.dense({ units: 3, inputShape: [2] }));
   * network.add(layers.dense({ units: 1 }));
   * network.outputs[0]?.shape; // => [null, 1]
   * ```
   */
  add(layer: Layer | SymbolicTensor): void {
    this.trainer.requireIdle('add');
    const first = this.stack.length === 0 && this.drawn === undefined;
    if (layer instanceof SymbolicTensor || layer instanceof InputLayer) {
      const tensor = layer instanceof InputLayer ? layer.output : layer;
      if (!first || tensor.call !== undefined) {
        throw this.error('BAD_ARGUMENT', 'an input can only stand in front of all layers.');
      }
      this.drawn = draw([tensor], [tensor]);
      return;
    }
    if (!(layer instanceof Layer)) {
      throw this.error(
        'BAD_ARGUMENT',
        `add takes a layer, such as layers.dense({ units: 10 }), but got ${describe(layer)}.`,
      );
    }
    if (this.stack.some(({ name }) => name === layer.name)) {
      throw this.error('BAD_ARGUMENT', `two layers are named '${layer.name}'; names must differ.`);
    }
    const start = first ? inputOf(layer) : undefined;
    const before = this.drawn ?? (start && draw([start], [start]));
    if (before !== undefined) {
      this.drawn = this.extend(before, layer);
      this.built = true;
    }
    this.stack.push(layer);
    this.trainer.reset();
  }

  override build(inputShape: PartialShape | PartialShape[]): void {
    if (this.drawn !== undefined && this.stack.length > 0) return;
    if (this.stack.length === 0)
      throw new LugeError('NOT_BUILT', 'it has no layers yet: call add first.');
    const shape = inputShape as PartialShape;
    if (shape.some((dim) => Array.isArray(dim))) {
      throw new LugeError('BAD_SHAPE', `expected one input, but got ${inputShape.length}.`);
    }
    const start = input({ batchShape: [null, ...shape.slice(1)] });
    this.drawn = this.stack.reduce(
      (drawing, layer) => this.extend(drawing, layer),
      draw([start], [start]),
    );
  }

  override buildOn(shape: PartialShape): void {
    this.build(shape);
    this.built = true;
  }

  /** The settings of the model and of all layers, the input's first when it is known. */
  override getConfig(): Config {
    const [start] = this.drawn?.inputs ?? [];
    const entry = start && InputLayer.of(start);
    return {
      ...super.getConfig(),
      layers: [...(entry ? [entry] : []), ...this.stack].map(layerConfig),
      ...(start && { build_input_shape: start.shape }),
    };
  }

  /** A model from its settings, with weights drawn anew. */
  static override fromConfig<L extends Layer>(this: new (options: never) => L, config: Config): L {
    const { name, trainable, build_input_shape: shape } = config;
    if (!Array.isArray(config.layers)) {
      throw new LugeError('BAD_DATA', `Model '${name}': its configuration has no list of layers.`);
    }
    const layers = (config.layers as ClassConfig[]).map(layerFrom);
    const made = new this({ layers, name, trainable } as never);
    if (made instanceof Sequential && Array.isArray(shape)) made.buildOn(shape as PartialShape);
    return made;
  }

  private extend(drawing: Drawing, layer: Layer): Drawing {
    const output = layer.apply<SymbolicTensor, SymbolicTensor | SymbolicTensor[]>(
      drawing.outputs.length === 1 ? (drawing.outputs[0] as SymbolicTensor) : drawing.outputs,
    );
    return draw(drawing.inputs, [output].flat());
  }
}

register(Sequential);

/** The input that a first layer asks for. */
function inputOf(layer: Layer): SymbolicTensor | undefined {
  if (layer instanceof Model) {
    if (!layer.built) return undefined;
    const [first] = layer.inputs as readonly [SymbolicTensor];
    return input({ batchShape: first.shape, dtype: first.dtype });
  }
  const { batchInputShape, dtype } = layer;
  return batchInputShape && input({ batchShape: batchInputShape, dtype });
}

/**
 * A model of layers one behind the other: `sequential([layers.dense({ units: 10 })])`, or
 * `sequential({ layers, name })`.
 *
 * @example
 * ```ts
 * const network = sequential([
 *   layers.dense({ units: 100, activation: 'relu', inputShape: [784] }),
 *   layers.dense({ units: 10, activation: 'softmax' }),
 * ]);
 * network.countParams(); // => 79510
 * network.layers.length; // => 2
 * ```
 */
export function sequential(
  layers: readonly (Layer | SymbolicTensor)[] | SequentialOptions = [],
): Sequential {
  return new Sequential(Array.isArray(layers) ? { layers } : (layers as SequentialOptions));
}
