import { LugeError } from '../core/errors.js';
import { snakeCase } from '../core/names.js';
import { type Config, optionsFromConfig } from '../core/registry.js';
import { Tensor } from '../core/tensor.js';
import { type Call, SymbolicTensor } from '../graph/symbolic.js';
import { tensorsIn } from '../layers/call_options.js';
import type { Layer } from '../layers/layer.js';

/** Where a tensor comes from: a layer, which of its calls, which of the outputs. */
export type Place = readonly [layer: string, call: number, output: number];

/** What a layer was applied to, as Keras writes it. */
export interface KerasCall {
  readonly args: unknown;
  readonly kwargs: unknown;
}

/** How a layer was applied, in Keras's words; `keras` writes a tensor. */
export function writeCall(
  layer: Layer,
  { inputs, options = {} }: Pick<Call, 'inputs' | 'options'>,
  keras: (tensor: SymbolicTensor) => object,
): KerasCall {
  const given = inputs.slice(0, inputs.length - tensorsIn(options).length);
  const { args, kwargs } = layer.kerasArguments(given.map(keras));
  const write = (item: unknown): unknown => {
    if (item instanceof SymbolicTensor) return keras(item);
    if (!(item instanceof Tensor)) return Array.isArray(item) ? item.map(write) : item;
    throw layer.error(
      'UNSUPPORTED',
      'it is applied with a constant tensor, which a file cannot hold. Make that an input of the model.',
    );
  };
  const rest = Object.entries(options).filter(([, item]) => item !== undefined);
  const written = rest.map(([name, item]) => [snakeCase(name), write(item)]);
  return { args, kwargs: { ...kwargs, ...Object.fromEntries(written) } };
}

/** A call that can be made as soon as there are tensors at the places that it needs. */
export interface ReadCall {
  readonly needs: readonly Place[];
  make(find: (place: Place) => SymbolicTensor): SymbolicTensor[];
}

/**
 * The call that `writeCall` or Keras wrote down.
 *
 * @param isOperation whether that is the name of an operation of Keras, not of a layer: masks that
 *   operations make are those that the layers here pass on by themselves.
 */
export function readCall(
  layer: Layer,
  { args, kwargs }: KerasCall,
  isOperation: (name: string) => boolean,
): ReadCall {
  const named: [name: string, places: Place[]][] = [];
  const options: Config = {};
  const passedOn: string[] = [];
  for (const [name, item] of Object.entries(optionsFromConfig((kwargs ?? {}) as Config))) {
    const places = placesIn(item);
    if (!layer.callOptions.includes(name)) named.push([name, places]);
    else if (places.some(([source]) => isOperation(source))) passedOn.push(name);
    else options[name] = item;
  }
  const rank = ([name]: (typeof named)[number]) => layer.inputNames.indexOf(name);
  named.sort((a, b) => rank(a) - rank(b));
  const inputs = [...placesIn(args), ...named.flatMap(([, places]) => places)];
  const make: ReadCall['make'] = (find) => {
    const tensors = inputs.map(find);
    if (passedOn.length > 0 && tensors.every(({ maskShape }) => maskShape === undefined)) {
      throw layer.error(
        'UNSUPPORTED',
        `it takes a ${passedOn[0]} that operations outside of layers compute, which is not supported.`,
      );
    }
    const outputs = layer.apply<SymbolicTensor, SymbolicTensor | SymbolicTensor[]>(
      tensors.length === 1 ? (tensors[0] as SymbolicTensor) : tensors,
      resolve(options, find) as object,
    );
    return [outputs].flat();
  };
  return { needs: [...inputs, ...placesIn(options)], make };
}

/** All places in a structure of lists and records, in order. */
export function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const place = placeOf(value);
  return place === undefined ? Object.values(value).flatMap(placesIn) : [place];
}

/** The structure with tensors in the place of what tells where they come from. */
function resolve(value: unknown, find: (place: Place) => SymbolicTensor): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const place = placeOf(value);
  if (place !== undefined) return find(place);
  if (Array.isArray(value)) return value.map((item) => resolve(item, find));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, resolve(item, find)]),
  );
}

function placeOf(value: object): Place | undefined {
  const { keras_history: history } =
    (value as { config?: { keras_history?: unknown } }).config ?? {};
  return [history, value].find(isPlace);
}

function isPlace(value: unknown): value is Place {
  return (
    Array.isArray(value) &&
    value.length === 3 &&
    typeof value[0] === 'string' &&
    value.slice(1).every(Number.isSafeInteger)
  );
}

/** An error about a tensor that a configuration names but does not make. */
export function unknownPlace(what: string, use: string, place: Place, operation?: string) {
  const [code, why] =
    operation === undefined
      ? (['BAD_DATA', 'which no call of a layer gives'] as const)
      : ([
          'UNSUPPORTED',
          `which operation ${operation} makes outside of a layer; that is not supported`,
        ] as const);
  return new LugeError(code, `${what}: its ${use} name '${place.join('/')}', ${why}.`);
}
