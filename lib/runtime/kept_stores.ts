import type { Kept } from '../compile/encode.js';
import type { Store } from '../core/variable.js';

// By recipe, for as long as a program holds them.
const stores = new Map<string, WeakRef<Store>>();
const forgotten = new FinalizationRegistry((recipe: string) => {
  if (stores.get(recipe)?.deref() === undefined) stores.delete(recipe);
});

/**
 * The memory for what a prologue makes of weights: the same for all programs that make the same, such
 * as those of one model for several batch sizes. Each writes it when a weight has changed since it
 * last did, and one step runs at a time, so that none reads what is out of date.
 */
export function keptStore({ recipe, bytes }: Kept, create: (bytes: number) => Store): Store {
  const found = stores.get(recipe)?.deref();
  if (found !== undefined) return found;
  const store = create(bytes);
  stores.set(recipe, new WeakRef(store));
  forgotten.register(store, recipe);
  return store;
}
