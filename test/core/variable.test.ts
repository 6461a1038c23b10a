import { describe, expect, it } from 'vitest';
import { tensor } from '../../lib/core/tensor.js';
import { Variable } from '../../lib/core/variable.js';

const make = (...values: number[]) => new Variable(tensor(values), { name: `v${values[0]}` });

describe('Variable', () => {
  it('gives and takes copies of its value', () => {
    const v = make(1, 2);
    const copy = v.value;
    copy.data[0] = 9;
    expect(v.value.toArray()).toEqual([1, 2]);
    v.assign(tensor([3, 4]));
    expect(v.value.toArray()).toEqual([3, 4]);
  });

  it('refuses values of another shape or type, naming itself', () => {
    expect(() => make(1, 2).assign(tensor([1]))).toThrow(/v1 has shape \[2\].*\[1\]/);
    expect(() => make(1).assign(tensor([1], [1], 'int32'))).toThrow(/v1 holds float32.*int32/);
  });

  it('packs: values stay, and lie side by side', () => {
    const [a, b, c] = [make(1, 2), make(3), make(4, 5)] as const;
    const flat = Variable.pack([a, b, c]);
    expect(flat.value.toArray()).toEqual([1, 2, 3, 4, 5]);
    b.assign(tensor([30]));
    expect(flat.value.toArray()).toEqual([1, 2, 30, 4, 5]);
    expect(c.value.toArray()).toEqual([4, 5]);
    expect(a.isFree).toBe(false);
  });

  it('spans join neighbours and leave gaps where one is missing', () => {
    const [a, b, c, alone] = [make(1, 2), make(3), make(4, 5), make(6)] as const;
    Variable.pack([a, b, c]);
    const shapes = (variables: Variable[]) =>
      Variable.spans(variables).map(({ span }) => span.value.toArray());
    expect(shapes([a, b, c])).toEqual([[1, 2, 3, 4, 5]]);
    expect(shapes([a, c, alone])).toEqual([[1, 2], [4, 5], [6]]);
  });

  it('takes a value for several packed ones at once', () => {
    const [a, b, c] = [make(1, 2), make(3, 4), make(5)] as const;
    const flat = Variable.pack([a, b, c]);
    const span = Variable.spans([b, c])[0]?.span as Variable;
    span.assign(tensor([7, 8, 9]));
    expect([a, b, c].map(({ value }) => value.toArray())).toEqual([[1, 2], [7, 8], [9]]);
    flat.assign(tensor([0, 1, 2, 3, 4]));
    expect(span.value.toArray()).toEqual([2, 3, 4]);
  });

  it('moves what is packed into one store, each to its place', () => {
    const [a, b] = [make(1, 2), make(3, 4)] as const;
    const flat = Variable.pack([a, b]);
    b.assign(tensor([5, 6]));
    const memory = new Float32Array(4);
    const store = flat.storeIn((byteLength) => ({
      byteLength,
      read: (offset, into) => into.set(memory.subarray(offset / 4, offset / 4 + into.length)),
      write: (offset, from) => memory.set(from, offset / 4),
    }));
    expect([...memory]).toEqual([1, 2, 5, 6]);
    b.assign(tensor([7, 8]));
    expect([...memory]).toEqual([1, 2, 7, 8]);
    expect(b.value.toArray()).toEqual([7, 8]);
    expect(flat.value.toArray()).toEqual([1, 2, 7, 8]);
    expect(flat.storeIn(() => expect.fail('it has a store'))).toBe(store);
  });
});
