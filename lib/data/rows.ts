import { newArray } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { showShape, sizeOf } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { checkAlike, type Element, tensorsOf, withTensors } from './element.js';

/** Samples side by side: an element whose tensors have the samples along their first axis. */
export class Rows {
  readonly element: Element;
  readonly count: number;

  /** @throws LugeError BAD_SHAPE when numbers of samples differ. */
  constructor(what: string, element: Element) {
    const [first, ...others] = tensorsOf(element) as [Tensor, ...Tensor[]];
    this.element = element;
    this.count = first.shape[0] ?? 0;
    for (const { shape } of [first, ...others]) {
      if (shape.length > 0 && shape[0] === this.count) continue;
      throw new LugeError(
        'BAD_SHAPE',
        `${what}: all of the data must have as many samples, along the first axis, but one has shape ` +
          `${showShape(first.shape)} and another ${showShape(shape)}.`,
      );
    }
  }

  /** One sample. */
  static one(what: string, sample: Element): Rows {
    const tensors = tensorsOf(sample).map((tensor) => tensor.reshape([1, ...tensor.shape]));
    return new Rows(what, withTensors(sample, tensors));
  }

  /** Samples [from, to), without copying. */
  slice(from: number, to: number): Rows {
    if (from === 0 && to === this.count) return this;
    return this.with((tensor) => tensor.rows(from, to));
  }

  /** Sample `index`, without its first axis. */
  sample(index: number): Element {
    const tensors = tensorsOf(this.element).map((tensor) =>
      tensor.rows(index, index + 1).reshape(tensor.shape.slice(1)),
    );
    return withTensors(this.element, tensors);
  }

  with(change: (tensor: Tensor) => Tensor): Rows {
    return new Rows('', withTensors(this.element, tensorsOf(this.element).map(change)));
  }
}

/** Some samples of one piece. */
export interface Pick {
  readonly from: Rows;
  readonly row: number;
  readonly count: number;
}

/** Picked samples in one piece: a view where they lie so already, else a copy. */
export function gather(what: string, picks: readonly Pick[]): Rows {
  const [first, ...others] = picks as [Pick, ...Pick[]];
  if (others.length === 0) return first.from.slice(first.row, first.row + first.count);
  let checked = first.from;
  for (const { from } of others) {
    if (from !== checked) checkAlike(what, first.from.element, from.element);
    checked = from;
  }
  const total = picks.reduce((sum, { count }) => sum + count, 0);
  const made = tensorsOf(first.from.element).map(({ dtype, shape }) => {
    const rest = shape.slice(1);
    return { to: new Tensor(newArray(dtype, total * sizeOf(rest)), [total, ...rest]), at: 0 };
  });
  let source: Tensor[] = [];
  let read: Rows | undefined;
  for (const { from, row, count } of picks) {
    if (from !== read) source = tensorsOf(from.element);
    read = from;
    made.forEach((part, i) => {
      const { data } = source[i] as Tensor;
      const size = part.to.size / total;
      part.to.data.set(data.subarray(row * size, (row + count) * size), part.at);
      part.at += count * size;
    });
  }
  return new Rows(
    what,
    withTensors(
      first.from.element,
      made.map(({ to }) => to),
    ),
  );
}
