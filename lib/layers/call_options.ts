import { Value } from '../graph/ir.js';
import { SymbolicTensor } from '../graph/symbolic.js';

/** What `apply` takes besides the inputs; some layers take more (see `Layer.callOptions`). */
export interface CallOptions {
  /** Whether the layer is to behave as in training. Default: as the model is being run. */
  training?: boolean;
}

/** All tensors among call options, in order. */
export function tensorsIn(options: object): (SymbolicTensor | Value)[] {
  return Object.values(options)
    .flat()
    .filter((item) => item instanceof SymbolicTensor || item instanceof Value);
}

/** Call options with these values in the place of symbolic tensors, in order. */
export function replaceTensors(options: object, values: readonly Value[]): object {
  let next = 0;
  const replace = (item: unknown): unknown => {
    if (Array.isArray(item)) return item.map(replace);
    return item instanceof SymbolicTensor ? values[next++] : item;
  };
  const entries = Object.entries(options).filter(([, item]) => item !== undefined);
  return Object.fromEntries(entries.map(([name, item]) => [name, replace(item)]));
}
