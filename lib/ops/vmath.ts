/** What the 32-bit lanes of a function's operands and result hold, as in vmath_list.inc. */
export type LaneType = 'f32' | 'i32' | 'i32_f32' | 'f32_i32' | 'any';

export interface VmathFunction {
  readonly name: string;
  readonly arity: number;
  readonly type: LaneType;
}

const list = (names: string, arity: number, type: LaneType): VmathFunction[] =>
  names.split(' ').map((name) => ({ name, arity, type }));

/** The functions of the vector machine, in the order of native/simd/vmath_list.inc. */
export const vmathFunctions: readonly VmathFunction[] = [
  ...list(
    'neg abs sign exp log log1p expm1 sqrt rsqrt square reciprocal tanh sigmoid relu',
    1,
    'f32',
  ),
  ...list('softplus erf sin cos floor ceil round', 1, 'f32'),
  ...list('add sub mul div pow max min eq ne lt le gt ge', 2, 'f32'),
  ...list('relu_grad tanh_grad sigmoid_grad floor_div floor_mod', 2, 'f32'),
  ...list('mul_add', 3, 'f32'),
  ...list('select', 3, 'any'),
  ...list('i32_neg i32_abs i32_sign', 1, 'i32'),
  ...list('i32_add i32_sub i32_mul i32_max i32_min i32_floor_div i32_floor_mod', 2, 'i32'),
  ...list('i32_eq i32_ne i32_lt i32_le i32_gt i32_ge', 2, 'i32_f32'),
  ...list('i32_to_f32', 1, 'i32_f32'),
  ...list('f32_to_i32', 1, 'f32_i32'),
];

const numbers = new Map(vmathFunctions.map(({ name }, number) => [name, number]));

/** The function's number in encoded programs. */
export function vmathNumber(name: string): number {
  const number = numbers.get(name);
  if (number === undefined) throw new Error(`the vector machine has no function '${name}'`);
  return number;
}
