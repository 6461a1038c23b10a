import { LugeError } from '../core/errors.js';
import { type ClassConfig, type Config, isClassConfig } from '../core/registry.js';
import type { SymbolicTensor } from '../graph/symbolic.js';
import * as layers from '../layers/index.js';
import { InputLayer } from '../layers/input_layer.js';
import { Layer } from '../layers/layer.js';
import {
  type KerasCall,
  type Place,
  placesIn,
  readCall,
  unknownPlace,
  writeCall,
} from './keras_calls.js';
import type { Drawing } from './lower.js';

/** A layer of a functional model in Keras's configuration. */
interface LayerNode extends ClassConfig {
  readonly name: string;
  readonly module?: string;
  readonly inbound_nodes: readonly KerasCall[];
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
  for (const call of drawing.calls) {
    const { layer, name, outputs } = call;
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
    calls.push(writeCall(layer, call, keras));
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
  // Keras writes how it computes masks down, too, which the layers here do by themselves.
  const operations = new Map<string, string>();
  for (const node of config.layers as LayerNode[]) {
    if (isOperation(node)) operations.set(node.name, node.class_name);
  }
  const waiting = (config.layers as LayerNode[])
    .filter(({ name }) => !operations.has(name))
    .map((node) => {
      const layer = layerFrom(node);
      if (layer instanceof InputLayer) made.set(`${layer.name}/0/0`, layer.output);
      const calls = (node.inbound_nodes ?? []).map((call) =>
        readCall(layer, call, (name) => operations.has(name)),
      );
      return { name: node.name ?? layer.name, calls, done: 0 };
    });
  // A call can be made when its inputs are; each round makes those that the last one made possible.
  for (let progress = true; progress; ) {
    progress = false;
    for (const entry of waiting) {
      for (let call = entry.calls[entry.done]; call !== undefined; ) {
        if (call.needs.length === 0 || call.needs.some((place) => !find(place))) break;
        call.make(find as (place: Place) => SymbolicTensor).forEach((tensor, i) => {
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
      throw unknownPlace(what, name, place, operations.get(place[0]));
    });
  return { inputs: ends('input_layers'), outputs: ends('output_layers') };
}

/** Whether it is an operation of Keras, not a layer; HDF5 files do not say where a class is from. */
function isOperation({ module, class_name, config = {} }: LayerNode): boolean {
  if (module !== undefined) return module.startsWith('keras.src.ops');
  return !layers.isRegistered(class_name) && !('trainable' in config);
}
