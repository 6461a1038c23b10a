import { LugeError } from '../core/errors.js';
import { sameShape, showShape } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { type ArrayLikeData, describe, type ModelData, toTensor } from '../models/model_data.js';

/** Tensors for one input or output, a list for several, or a record by name. */
export type Tensors = Tensor | readonly Tensor[] | Readonly<Record<string, Tensor>>;

/** What a data set is made of: one sample, or a batch with the samples along the first axis. */
export interface Element {
  /** Inputs. */
  readonly x: Tensors;
  /** Targets. */
  readonly y?: Tensors;
  /** How much each sample counts. */
  readonly sampleWeight?: Tensors;
}

/** The same with arrays of numbers in place of tensors, as users give it. */
export interface ElementLike {
  /** Inputs. */
  readonly x: ModelData;
  /** Targets. */
  readonly y?: ModelData;
  /** How much each sample counts. */
  readonly sampleWeight?: ModelData;
}

/** The form that data takes in an element: a tensor, a list of them, or a record. */
type TensorsOf<T> = T extends Tensor | ArrayBufferView | number
  ? Tensor
  : T extends readonly (Tensor | ArrayBufferView)[]
    ? Tensor[]
    : T extends readonly unknown[]
      ? Tensor
      : T extends object
        ? { readonly [K in keyof T]: Tensor }
        : never;

/** What an `ElementLike` becomes. */
export type ElementOf<E extends ElementLike> = {
  readonly [K in keyof E & keyof Element]: TensorsOf<E[K]>;
};

const fields = ['x', 'y', 'sampleWeight'] as const;

/** Data as tensors; throws LugeError that names the field. */
export function toElement(what: string, given: ElementLike): Element {
  if (typeof given !== 'object' || given === null || !('x' in given) || given.x === undefined) {
    const isRecord = Object.prototype.toString.call(given) === '[object Object]';
    const known = isRecord && !(given instanceof Tensor);
    const found = known ? `an object of ${Object.keys(given)}` : describe(given);
    throw new LugeError('BAD_DATA', `${what}: expected one object { x, y }, but got ${found}.`);
  }
  const entries = fields.flatMap((field) => {
    const data = given[field];
    return data === undefined ? [] : [[field, toTensorsOf(`${what}: ${field}`, data)] as const];
  });
  return Object.fromEntries(entries) as unknown as Element;
}

function toTensorsOf(what: string, data: ModelData): Tensors {
  const isWhole = (item: unknown) => item instanceof Tensor || ArrayBuffer.isView(item);
  if (isWhole(data) || typeof data !== 'object' || data === null) {
    return toTensor(what, data as ArrayLikeData);
  }
  if (Array.isArray(data)) {
    const several = data.length > 0 && data.every(isWhole);
    return several
      ? data.map((item, i) => toTensor(`${what}[${i}]`, item as ArrayLikeData))
      : toTensor(what, data as ArrayLikeData);
  }
  return Object.fromEntries(
    Object.entries(data).map(([name, item]) => [name, toTensor(`${what}.${name}`, item)]),
  );
}

/** All tensors of an element, always in the same order. */
export function tensorsOf(element: Element): Tensor[] {
  return fields.flatMap((field) => {
    const found = element[field];
    if (found === undefined) return [];
    return found instanceof Tensor ? [found] : Object.values(found as Record<string, Tensor>);
  });
}

/** An element of the same form with other tensors, given in the order of `tensorsOf`. */
export function withTensors(element: Element, tensors: readonly Tensor[]): Element {
  let next = 0;
  const take = () => tensors[next++] as Tensor;
  const made: Record<string, Tensors> = {};
  for (const field of fields) {
    const found = element[field];
    if (found === undefined) continue;
    if (found instanceof Tensor) made[field] = take();
    else if (Array.isArray(found)) made[field] = found.map(take);
    else made[field] = Object.fromEntries(Object.keys(found).map((name) => [name, take()]));
  }
  return made as unknown as Element;
}

/** Throws BAD_SHAPE unless both have the same tensors, apart from their first axis. */
export function checkAlike(what: string, first: Element, other: Element): void {
  const [a, b] = [tensorsOf(first), tensorsOf(other)];
  const rows = ({ shape }: Tensor) => shape.slice(1);
  const differs = a.findIndex((tensor, i) => {
    const found = b[i];
    return (
      found === undefined ||
      tensor.dtype !== found.dtype ||
      tensor.rank !== found.rank ||
      !sameShape(rows(tensor), rows(found))
    );
  });
  if (differs < 0 && a.length === b.length) return;
  const show = (tensor: Tensor | undefined) =>
    tensor === undefined ? 'nothing' : `${tensor.dtype} ${showShape(rows(tensor))}`;
  const at = differs < 0 ? a.length : differs;
  throw new LugeError(
    'BAD_SHAPE',
    `${what}: the samples of a batch must be alike, but one holds ${show(a[at])} where another holds ` +
      `${show(b[at])}. Bring them to one shape with map first.`,
  );
}
