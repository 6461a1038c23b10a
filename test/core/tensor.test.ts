import { describe, expect, it } from 'vitest';
import { Tensor, tensor } from '../../lib/core/tensor.js';

describe('tensor', () => {
  it('wraps a typed array without copying', () => {
    const data = Float32Array.from([1, 2, 3, 4, 5, 6]);
    const t = tensor(data, [2, 3]);
    data[0] = 9;
    expect(t.toArray()).toEqual([
      [9, 2, 3],
      [4, 5, 6],
    ]);
    expect([t.dtype, t.size, t.rank]).toEqual(['float32', 6, 2]);
  });

  it('reads nested and flat arrays and numbers', () => {
    expect(tensor([[[1], [2]]]).shape).toEqual([1, 2, 1]);
    expect(tensor([1, 2, 3, 4], [2, 2]).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(tensor(7).toArray()).toBe(7);
    expect(tensor([], [0, 3]).shape).toEqual([0, 3]);
  });

  it('keeps or converts the element type', () => {
    expect(tensor(new Uint8Array(2)).dtype).toBe('uint8');
    expect(tensor([1.9, -1.9], undefined, 'int32').toArray()).toEqual([1, -1]);
  });

  it('cuts rows without copying', () => {
    const t = tensor([
      [1, 2],
      [3, 4],
      [5, 6],
    ]);
    const rows = t.rows(1, 3);
    expect(rows.toArray()).toEqual([
      [3, 4],
      [5, 6],
    ]);
    expect(rows.data.buffer).toBe(t.data.buffer);
    expect(() => t.rows(2, 4)).toThrow(/outside a tensor of shape \[3, 2\]/);
  });

  it('reshapes, with one size to be found', () => {
    expect(tensor(new Float32Array(12)).reshape([3, -1]).shape).toEqual([3, 4]);
    expect(() => tensor(new Float32Array(12)).reshape([5, -1])).toThrow(/12 elements/);
    expect(() => tensor(new Float32Array(12)).reshape([-1, -1])).toThrow(/at most one/);
  });

  it.each([
    [() => tensor([[1, 2], [3]]), /ragged: on axis 1 expected 2 elements, but got 1/],
    [() => tensor([1, [2]] as never), /ragged/],
    [() => tensor(['a'] as never), /made of numbers/],
    [() => tensor([1, null] as never), /made of numbers/],
    [() => tensor([1, 2, 3], [2, 2]), /holds 4 elements, but the data has 3/],
    [() => new Tensor(new Float32Array(1), [-1]), /at least 0/],
    [() => tensor(new Float64Array(2) as never), /Float64Array.*Float32Array.from/],
    [() => tensor([1], [1], 'float64' as never), /float32, int32, uint8/],
  ])('refuses bad input %#', (make, message) => {
    expect(make).toThrow(message);
  });
});
