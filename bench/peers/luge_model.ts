import type * as Luge from 'luge';
import type { LayerRow, Workload } from '../workloads.js';

/** Calls a factory by the name in the workload, whose rows carry the options that it takes. */
function create<T>(factories: object, name: string, options: object): T {
  const factory = (factories as Record<string, ((options: object) => T) | undefined>)[name];
  if (factory === undefined) throw new Error(`luge has no '${name}'`);
  return factory(options);
}

/** The workload's model, compiled. Takes the library, which each caller loads in its own way. */
export function lugeModel(luge: typeof Luge, workload: Workload): Luge.Model {
  const draw = (rows: readonly LayerRow[], from: Luge.SymbolicTensor): Luge.SymbolicTensor =>
    rows.reduce((x, [name, options]) => {
      if (name !== 'residual') return create<Luge.Layer>(luge.layers, name, options).apply(x);
      return luge.layers.add().apply([draw(options.body, x), draw(options.shortcut, x)]);
    }, from);
  const input = luge.input({ shape: workload.input });
  const model = luge.model({ inputs: input, outputs: draw(workload.layers, input) });
  const { name, ...options } = workload.optimizer;
  model.compile({
    optimizer: create(luge.optimizers, name, options),
    loss: 'categoricalCrossentropy',
  });
  return model;
}
