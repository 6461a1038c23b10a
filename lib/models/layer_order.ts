import type { Call } from '../graph/symbolic.js';
import { InputLayer } from '../layers/input_layer.js';
import { Layer } from '../layers/layer.js';
import type { Drawing } from './lower.js';

/**
 * The layers of a drawing, each once, in Keras's order, which its files of weights rely on: those
 * farthest from the outputs first; those equally far in the order in which a walk from the outputs
 * to the inputs meets them.
 */
export function layersOf({ inputs, outputs, calls }: Drawing): Layer[] {
  const makers = new Map(calls.flatMap((call) => call.outputs.map((tensor) => [tensor, call])));
  const entries = new Map(inputs.map((tensor) => [tensor, InputLayer.of(tensor)]));
  const met = new Set<unknown>();
  const seen = new Set<Call>();
  const visit = (tensor: (typeof inputs)[number]): void => {
    const entry = entries.get(tensor);
    if (entry !== undefined) met.add(entry);
    const call = makers.get(tensor);
    if (call === undefined || seen.has(call)) return;
    seen.add(call);
    met.add(call.layer);
    for (const input of call.inputs) visit(input);
  };
  for (const tensor of outputs) visit(tensor);

  const distances = new Map<unknown, number>(); // of calls, inputs and layers
  const atLeast = (key: unknown, distance: number) => {
    distances.set(key, Math.max(distance, distances.get(key) ?? 0));
    return distances.get(key) as number;
  };
  // `calls` has every call behind those that it needs.
  for (const call of calls.toReversed()) {
    const distance = atLeast(call, atLeast(call.layer ?? call, distances.get(call) ?? 0));
    for (const input of call.inputs) {
      atLeast(makers.get(input) ?? entries.get(input), distance + 1);
    }
  }
  const order = [...met].filter((layer) => layer instanceof Layer);
  return order.sort((a, b) => (distances.get(b) ?? 0) - (distances.get(a) ?? 0));
}
