import { LugeError } from '../core/errors.js';
import { type ClassConfig, type Config, isClassConfig } from '../core/registry.js';
import type { SymbolicTensor } from '../graph/symbolic.js';
import * as layers from '../layers/index.js';
import { InputLayer } from '../layers/input_layer.js';
import { Layer } from '../layers/layer.js';
import { RecurrentLayer } from '../layers/recurrent_layer.js';
import type { Drawing } from './lower.js';

/** Where a tensor comes from: a layer, which of its calls, which of the outputs. */
type Place = readonly [layer: string, call: number, output: number];

/** A layer of a functional model in Keras's configuration. */
interface LayerNode extends ClassConfig {
  readonly name: string;
  readonly inbound_nodes: readonly { readonly args: unknown; readonly kwargs: unknown }[];
}

/** A layer's class and settings. */
export function layerConfig(layer: Layer): ClassConfig {
  return { class_name: layer.className, config: layer.getConfig() };
}

/** The layer of such a configuration; its errors say how to make a class known. */
export function layerFrom(config: ClassConfig): Layer {
  if (!isClassConfig(config) || typeof config.class_name !== 'string') {
    throw new LugeError(
      'BAD_DATA',
      `A layer's configuration is { class_name, config }, but got ${JSON.stringify(config)}.`,
    );
  }
  if (layers.isRegistered(config.class_name)) return layers.get(config);
  throw new LugeError(
    'UNKNOWN_NAME',
    `The model has a layer of class '${config.class_name}', which is not known. If it is one of your own, ` +
      `call luge.layers.register(${config.class_name}) before loading.`,
  );
}

/** The layers and connections of a drawing, as Keras's Functional writes them. */
export function drawingConfig(drawing: Drawing, error: (message: string) => LugeError): Config {
  const places = new Map<SymbolicTensor, Place>();
  const nodes = new Map<Layer, { class_config: ClassConfig; calls: object[] }>();
  const nodeOf = (layer: Layer) => {
    const node = nodes.get(layer) ?? { class_config: layerConfig(layer), calls: [] };
    nodes.set(layer, node);
    return node;
  };
  for (const tensor of drawing.inputs) {
    // A model may begin at an inner tensor of another one; a new input takes its place.
    const { shape, dtype } = tensor;
    const layer = InputLayer.of(tensor) ?? new InputLayer({ batchShape: shape, dtype });
    nodeOf(layer);
    places.set(tensor, [layer.name, 0, 0]);
  }
  const keras = (tensor: SymbolicTensor) => ({
    class_name: '__keras_tensor__',
    config: { shape: tensor.shape, dtype: tensor.dtype, keras_history: places.get(tensor) },
  });
  for (const { layer, name, inputs, outputs } of drawing.calls) {
    if (!(layer instanceof Layer)) {
      throw error(
        `'${name}' is applied to symbolic tensors outside of a layer, which a file cannot hold. Put it ` +
          'into a layer of your own (extend luge.Layer) and register that.',
      );
    }
    const { calls } = nodeOf(layer);
    outputs.forEach((tensor, i) => {
      places.set(tensor, [layer.name, calls.length, i]);
    });
    const [first, ...rest] = inputs.map(keras);
    const states = layer instanceof RecurrentLayer && rest.length > 0;
    calls.push({
      args: [rest.length === 0 || states ? first : [first, ...rest]],
      kwargs: states ? { initial_state: rest } : {},
    });
  }
  const placed = (tensors: readonly SymbolicTensor[]) => tensors.map((t) => places.get(t));
  return {
    layers: [...nodes].map(([{ name }, { class_config, calls }]) => ({
      ...class_config,
      name,
      inbound_nodes: calls,
    })),
    input_layers: placed(drawing.inputs),
    output_layers: placed(drawing.outputs),
  };
}

/** The inputs and outputs of a drawing, from such a configuration. */
export function drawingFrom(config: Config): {
  inputs: SymbolicTensor[];
  outputs: SymbolicTensor[];
} {
  const what = `Functional model '${config.name}'`;
  if (!Array.isArray(config.layers)) {
    throw new LugeError('BAD_DATA', `${what}: its configuration has no list of layers.`);
  }
  const made = new Map<string, SymbolicTensor>();
  const find = (place: Place) => made.get(place.join('/'));
  const waiting = (config.layers as LayerNode[]).map((node) => {
    const layer = layerFrom(node);
    if (layer instanceof InputLayer) made.set(`${layer.name}/0/0`, layer.output);
    const calls = (node.inbound_nodes ?? []).map(({ args, kwargs }) => placesIn([args, kwargs]));
    return { layer, name: node.name ?? layer.name, calls, done: 0 };
  });
  // A call can be made when its inputs are; each round makes those that the last one made possible.
  for (let progress = true; progress; ) {
    progress = false;
    for (const entry of waiting) {
      for (let call = entry.calls[entry.done]; call !== undefined; ) {
        const inputs = call.map(find);
        if (inputs.length === 0 || !inputs.every((tensor) => tensor !== undefined)) break;
        const outputs = entry.layer.apply<SymbolicTensor, SymbolicTensor | SymbolicTensor[]>(
          inputs.length === 1 ? (inputs[0] as SymbolicTensor) : inputs,
        );
        [outputs].flat().forEach((tensor, i) => {
          made.set(`${entry.name}/${entry.done}/${i}`, tensor);
        });
        progress = true;
        call = entry.calls[++entry.done];
      }
    }
  }
  const ends = (name: 'input_layers' | 'output_layers') =>
    placesIn(config[name]).map((place) => {
      const tensor = find(place);
      if (tensor !== undefined) return tensor;
      throw new LugeError(
        'BAD_DATA',
        `${what}: its ${name} name '${place.join('/')}', which no call of a layer gives.`,
      );
    });
  return { inputs: ends('input_layers'), outputs: ends('output_layers') };
}

/** All places in a structure of lists and records, in order. */
function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const { keras_history: history } =
    (value as { config?: { keras_history?: unknown } }).config ?? {};
  if (isPlace(history)) return [history];
  if (isPlace(value)) return [value];
  return Object.values(value).flatMap(placesIn);
}

function isPlace(value: unknown): value is Place {
  return (
    Array.isArray(value) &&
    value.length === 3 &&
    typeof value[0] === 'string' &&
    value.slice(1).every(Number.isSafeInteger)
  );
}
