import { LugeError, unknownName } from '../core/errors.js';
import type { Value } from '../graph/ir.js';
import * as ops from '../ops/index.js';

/** An element-wise function (or softmax, over the last axis) after a layer. */
export type ActivationFunction = (x: Value) => Value;

/** A name ('relu') or a function written with `ops`. */
export type ActivationLike = string | ActivationFunction;

/** By Keras's name. */
const functions: Readonly<Record<string, ActivationFunction>> = {
  linear: (x) => x,
  relu: (x) => ops.relu(x),
  relu6: (x) => ops.relu6(x),
  leaky_relu: (x) => ops.leakyRelu(x),
  sigmoid: (x) => ops.sigmoid(x),
  log_sigmoid: (x) => ops.logSigmoid(x),
  hard_sigmoid: (x) => ops.hardSigmoid(x),
  softmax: (x) => ops.softmax(x),
  log_softmax: (x) => ops.logSoftmax(x),
  softplus: (x) => ops.softplus(x),
  softsign: (x) => ops.softsign(x),
  tanh: (x) => ops.tanh(x),
  tanh_shrink: (x) => ops.tanhShrink(x),
  celu: (x) => ops.celu(x),
  elu: (x) => ops.elu(x),
  selu: (x) => ops.selu(x),
  gelu: (x) => ops.gelu(x),
  silu: (x) => ops.silu(x),
  swish: (x) => ops.silu(x),
  hard_silu: (x) => ops.hardSilu(x),
  hard_swish: (x) => ops.hardSilu(x),
  hard_tanh: (x) => ops.hardTanh(x),
  hard_shrink: (x) => ops.hardShrink(x),
  soft_shrink: (x) => ops.softShrink(x),
  sparse_plus: (x) => ops.sparsePlus(x),
  sparse_sigmoid: (x) => ops.sparseSigmoid(x),
  squareplus: (x) => ops.squareplus(x),
  glu: (x) => ops.glu(x),
  mish: (x) => ops.mish(x),
  exponential: (x) => ops.exp(x),
};

const plain = (name: string) => name.toLowerCase().replaceAll('_', '');
const byPlainName = new Map(Object.keys(functions).map((name) => [plain(name), name]));

/** What a layer does with its output: a function and its name in configurations. */
export class Activation {
  readonly name: string;
  readonly apply: ActivationFunction;

  /** @throws LugeError UNKNOWN_NAME when there is no activation of that name. */
  constructor(identifier: ActivationLike = 'linear') {
    if (typeof identifier === 'function') {
      this.name = identifier.name;
      this.apply = identifier;
      return;
    }
    if (typeof identifier !== 'string') {
      throw new LugeError(
        'BAD_ARGUMENT',
        `activation must be a name such as 'relu' or a function, but got ${JSON.stringify(identifier)}.`,
      );
    }
    const known = byPlainName.get(plain(identifier));
    if (known === undefined) throw unknownName('activation', identifier, Object.keys(functions));
    this.name = known;
    this.apply = functions[known] as ActivationFunction;
  }
}
