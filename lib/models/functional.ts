import { LugeError } from '../core/errors.js';
import { checkOptions } from '../core/options.js';
import type { Config } from '../core/registry.js';
import type { Tensor } from '../core/tensor.js';
import { SymbolicTensor } from '../graph/symbolic.js';
import { register } from '../layers/index.js';
import { Layer } from '../layers/layer.js';
import { drawingConfig, drawingFrom } from './architecture.js';
import { layersOf } from './layer_order.js';
import { type Drawing, draw } from './lower.js';
import { Model, type Outputs } from './model.js';

type Tensors =
  | SymbolicTensor
  | readonly SymbolicTensor[]
  | Readonly<Record<string, SymbolicTensor>>;

/** What a model with these outputs predicts: a tensor where a tensor was given, or either. */
type Predicted<O extends Tensors> = O extends SymbolicTensor ? Tensor : Outputs;

export interface FunctionalOptions<O extends Tensors = Tensors> {
  /** One input, a list, or a record. */
  inputs: Tensors;
  /** One output, a list, or a record. */
  outputs: O;
  /** Default: 'functional', with a number from the second on. */
  name?: string;
  /** Whether training changes the weights. Default true. */
  trainable?: boolean;
}

/**
 * A model drawn by applying layers and `ops` to symbolic tensors.
 *
 * @example
 * ```ts
 * const x = input({ shape: [8] });
 * const y = layers.dense({ units: 1 }).apply(x);
 * const network: Functional = model({ inputs: x, outputs: y });
 * network.inputs[0]?.shape; // => [null, 8]
 * ```
 */
export class Functional<Y extends Outputs = Outputs> extends Model<Y> {
  static override className = 'Functional';
  override readonly layers: readonly Layer[];
  override readonly drawing: Drawing;

  constructor(options: FunctionalOptions) {
    checkOptions('model', options, ['inputs', 'outputs', 'name', 'trainable']);
    const { inputs, outputs, ...rest } = options;
    super(rest);
    this.drawing = draw(tensorsOf('inputs', inputs), tensorsOf('outputs', outputs));
    this.layers = layersOf(this.drawing);
    this.built = true;
    const repeated = this.layers.find(
      (layer, i) => this.layers.findIndex(({ name }) => name === layer.name) < i,
    );
    if (repeated !== undefined) {
      throw this.error(
        'BAD_ARGUMENT',
        `two layers are named '${repeated.name}'; names must differ.`,
      );
    }
    if (options.trainable === false) this.trainable = false;
  }

  override buildOn(): void {}

  /** The settings of the model and of all layers, and how they are connected. */
  override getConfig(): Config {
    const { name, trainable } = super.getConfig();
    const drawing = drawingConfig(this.drawing, (message) => this.error('UNSUPPORTED', message));
    return { name, trainable, ...drawing };
  }

  /** A model from its settings, with weights drawn anew. */
  static override fromConfig<L extends Layer>(this: new (options: never) => L, config: Config): L {
    const { name, trainable } = config;
    return new this({ ...drawingFrom(config), name, trainable } as never);
  }
}

register(Functional, 'Model');

function tensorsOf(what: string, given: Tensors): SymbolicTensor[] {
  const list =
    given instanceof SymbolicTensor
      ? [given]
      : typeof given === 'object' && given !== null
        ? Object.values(given)
        : [];
  if (list.length > 0 && list.every((item) => item instanceof SymbolicTensor)) return list;
  const layer = [given].flat().find((item) => item instanceof Layer);
  throw new LugeError(
    'BAD_ARGUMENT',
    `model: ${what} must be a symbolic tensor, such as input({ shape: [784] }) or what a layer's apply gives, ` +
      'or a list or record of them.' +
      (layer === undefined ? '' : ` Of layer '${layer.name}', take .output (or .input).`),
  );
}

/**
 * A model from its inputs and outputs, which may be any tensors of a drawing, also inner ones of
 * another model: the layers between them are shared.
 *
 * @throws LugeError BAD_ARGUMENT when the outputs depend on other inputs.
 * @example
 * ```ts
 * const x = input({ shape: [8] });
 * const hidden = layers.dense({ units: 8, activation: 'relu' }).apply(x);
 * const sum = ops.add(x, hidden); // a residual connection
 * const network = model({ inputs: x, outputs: layers.dense({ units: 1 }).apply(sum) });
 * network.layers.length; // => 3
 *
 * // What a layer inside gives: another model of the same layers and weights.
 * const inside = model({ inputs: network.inputs, outputs: network.getLayer(1).output });
 * ((await inside.predict(tensor(new Float32Array(16), [2, 8]))) as Tensor).shape; // => [2, 8]
 * ```
 */
export function model<O extends Tensors>(options: FunctionalOptions<O>): Functional<Predicted<O>> {
  return new Functional(options);
}
