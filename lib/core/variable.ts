import { bytesPerElement, type DType, newArray, type TypedArray } from './dtype.js';
import { LugeError } from './errors.js';
import { type Shape, sameShape, showShape, sizeOf } from './shape.js';
import { Tensor } from './tensor.js';

/** Memory outside JavaScript that holds a variable's value; offsets are in bytes. */
export interface Store {
  readonly byteLength: number;
  read(byteOffset: number, into: TypedArray): void;
  write(byteOffset: number, from: TypedArray): void;
}

export interface VariableOptions {
  name?: string;
  trainable?: boolean;
}

/**
 * A tensor that lasts from step to step: a weight, a running statistic, an optimizer's memory.
 *
 * It holds its value itself until a program that uses it is loaded; from then on the value lives in
 * a store. Variables can be packed: then they are parts of one flat variable and lie side by side.
 *
 * @example
 * ```ts
 * const model = sequential([layers.dense({ units: 2, inputShape: [3] })]);
 * const [kernel] = model.weights as [Variable];
 * kernel.shape; // => [3, 2]
 * kernel.assign(tensor([[1, 0], [0, 1], [0, 0]]));
 * await model.predict([[5, 6, 7]]); // => [[5, 6]]
 * ```
 */
export class Variable {
  /** Its layer's name, a slash and its own. */
  name: string;
  /** Whether training changes it. */
  trainable: boolean;
  /** Sizes of the axes. */
  readonly shape: Shape;
  /** Element type. */
  readonly dtype: DType;
  private initial: Tensor | undefined;
  private home: Store | undefined;
  private whole: { readonly variable: Variable; readonly offset: number } | undefined;
  /** Those that hold the value until it is in a store: itself, or the packed ones side by side. */
  private holders: readonly Variable[] = [this];

  constructor(initial: Tensor, options: VariableOptions = {}) {
    this.initial = initial;
    this.shape = initial.shape;
    this.dtype = initial.dtype;
    this.name = options.name ?? 'variable';
    this.trainable = options.trainable ?? true;
  }

  /**
   * Packs float32 variables into one flat variable, in their order. Those that are packed or in a
   * store already cannot be moved, so `variables` must not hold any such (see `isFree`).
   */
  static pack(variables: readonly Variable[], name = 'packed'): Variable {
    const size = variables.reduce((sum, variable) => sum + variable.size, 0);
    const flat = Variable.empty('float32', [size], name);
    flat.holders = [...variables];
    let offset = 0;
    for (const variable of variables) {
      variable.whole = { variable: flat, offset };
      offset += variable.size;
    }
    return flat;
  }

  /** Flat variables that cover `variables`, one for each run of them that lie side by side. */
  static spans(variables: readonly Variable[]): { span: Variable; members: Variable[] }[] {
    const runs: { root: Variable; offset: number; end: number; members: Variable[] }[] = [];
    for (const variable of variables) {
      const { root, offset } = variable.location;
      const run = runs.at(-1);
      if (run !== undefined && run.root === root && run.end === offset) {
        run.members.push(variable);
        run.end += variable.size;
      } else {
        runs.push({ root, offset, end: offset + variable.size, members: [variable] });
      }
    }
    return runs.map(({ root, offset, end, members }) => ({
      span: Variable.part(root, offset, [end - offset]),
      members,
    }));
  }

  /** A variable that is a part of another one's elements. */
  private static part(root: Variable, offset: number, shape: Shape): Variable {
    const end = offset + sizeOf(shape);
    const variable = Variable.empty(root.dtype, shape, `${root.name}[${offset}:${end}]`);
    variable.whole = { variable: root, offset };
    return variable;
  }

  /** A variable whose value others hold. */
  private static empty(dtype: DType, shape: Shape, name: string): Variable {
    const variable = new Variable(new Tensor(newArray(dtype, sizeOf(shape)), shape), { name });
    variable.initial = undefined;
    return variable;
  }

  /** The number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** Whether it can still be packed. */
  get isFree(): boolean {
    return this.whole === undefined && this.home === undefined;
  }

  /** The variable whose memory this one is a part of (perhaps itself), and at which element. */
  get location(): { root: Variable; offset: number } {
    if (this.whole === undefined) return { root: this, offset: 0 };
    return { root: this.whole.variable, offset: this.whole.offset };
  }

  /** The store of a root variable, made by `create` when it has none yet. */
  storeIn(create: (bytes: number) => Store): Store {
    if (this.home === undefined) {
      const home = create(this.size * bytesPerElement(this.dtype));
      for (const holder of this.holders) {
        const { data } = holder.initial as Tensor;
        home.write(holder.location.offset * bytesPerElement(this.dtype), data);
        holder.initial = undefined;
      }
      this.home = home;
    }
    return this.home;
  }

  /** A copy of the value as it is now. */
  get value(): Tensor {
    const { root, offset } = this.location;
    const data = newArray(this.dtype, this.size);
    if (root.home === undefined) {
      for (const { held, from, to, at } of this.pieces()) {
        data.set((held.initial as Tensor).data.subarray(from, to), at);
      }
    } else {
      root.home.read(offset * bytesPerElement(this.dtype), data);
    }
    return new Tensor(data, this.shape);
  }

  /** Replaces the value. Throws BAD_SHAPE or BAD_DTYPE when `next` is of another shape or dtype. */
  assign(next: Tensor): void {
    if (!sameShape(next.shape, this.shape)) {
      throw new LugeError(
        'BAD_SHAPE',
        `${this.name} has shape ${showShape(this.shape)}, but the value given has ${showShape(next.shape)}.`,
      );
    }
    if (next.dtype !== this.dtype) {
      throw new LugeError(
        'BAD_DTYPE',
        `${this.name} holds ${this.dtype}, but the value given holds ${next.dtype}.`,
      );
    }
    const { root, offset } = this.location;
    if (root.home === undefined) {
      for (const { held, from, to, at } of this.pieces()) {
        const data = (held.initial as Tensor).data.slice();
        data.set(next.data.subarray(at, at + to - from), from);
        held.initial = new Tensor(data, held.shape);
      }
    } else {
      root.home.write(offset * bytesPerElement(this.dtype), next.data);
    }
  }

  /** Elements [from, to) of each holder that are this variable's, from its element `at` on. */
  private pieces(): { held: Variable; from: number; to: number; at: number }[] {
    const { root, offset } = this.location;
    return root.holders.flatMap((held) => {
      const begin = held.location.offset;
      const from = Math.max(0, offset - begin);
      const to = Math.min(held.size, offset + this.size - begin);
      return from < to ? [{ held, from, to, at: begin + from - offset }] : [];
    });
  }
}
