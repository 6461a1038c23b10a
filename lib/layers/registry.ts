import { type ClassConfig, Registry, serialize } from '../core/registry.js';
import { Layer } from './layer.js';

/** All classes of layers by name. */
export const registry = new Registry<Layer>('layer', Layer);

/** A layer inside of another one's settings, as Keras reads it. */
export function serializeLayer(layer: Layer): ClassConfig {
  return { module: 'keras.layers', registered_name: null, ...serialize(layer) } as ClassConfig;
}
