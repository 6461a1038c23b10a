import { describe, expect, it } from 'vitest';
import { tensor } from '../../lib/core/tensor.js';
import { toCategorical } from '../../lib/core/to_categorical.js';

describe('toCategorical', () => {
  it('sets the column of each label', () => {
    const found = toCategorical(Int32Array.from([2, 0, 1]));
    expect(found.dtype).toBe('float32');
    expect(found.toArray()).toEqual([
      [0, 0, 1],
      [1, 0, 0],
      [0, 1, 0],
    ]);
  });

  it('takes arrays and tensors of every dtype, and more classes than occur', () => {
    for (const labels of [[1], Uint8Array.of(1), tensor([1], [1], 'int32')]) {
      const found = toCategorical(labels, 4);
      expect(found.shape).toEqual([1, 4]);
      expect(found.toArray()).toEqual([[0, 1, 0, 0]]);
    }
  });

  it('drops a last axis of 1 and keeps the others', () => {
    expect(toCategorical([[0], [2]]).shape).toEqual([2, 3]);
    expect(
      toCategorical([
        [0, 1],
        [1, 0],
      ]).toArray(),
    ).toEqual([
      [
        [1, 0],
        [0, 1],
      ],
      [
        [0, 1],
        [1, 0],
      ],
    ]);
    expect(toCategorical([], 3).shape).toEqual([0, 3]);
  });

  it.each([
    ['a label that is too large', [0, 3], 3, 'BAD_DATA', 'in [0, 2], but label 1 is 3'],
    ['a negative label', [-1], undefined, 'BAD_DATA', 'of at least 0, but label 0 is -1'],
    ['a fraction', [0.5], 2, 'BAD_DATA', 'label 0 is 0.5'],
    ['NaN', [0, Number.NaN], 2, 'BAD_DATA', 'label 1 is NaN'],
    [
      'no classes',
      [0],
      0,
      'BAD_ARGUMENT',
      'classes must be a whole number of at least 1, but got 0',
    ],
    ['half a class', [0], 1.5, 'BAD_ARGUMENT', 'but got 1.5'],
    ['nothing to count', [], undefined, 'BAD_DATA', 'Pass it as the second argument'],
  ])('refuses %s', (_, labels, classes, code, message) => {
    expect(() => toCategorical(labels, classes)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});
