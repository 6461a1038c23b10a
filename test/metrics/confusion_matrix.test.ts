import { describe, expect, it } from 'vitest';
import { tensor } from '../../lib/core/tensor.js';
import { confusionMatrix } from '../../lib/metrics/confusion_matrix.js';

describe('confusionMatrix', () => {
  const counts = [
    [1, 1, 0],
    [0, 2, 0],
    [1, 0, 0],
  ];

  it('has the truth in rows and the prediction in columns', () => {
    const found = confusionMatrix([0, 0, 1, 1, 2], [0, 1, 1, 1, 0]);
    expect(found.dtype).toBe('int32');
    expect(found.toArray()).toEqual(counts);
  });

  it('takes columns of labels, one-hot rows and probabilities', () => {
    const truth = tensor([[0], [0], [1], [1], [2]], undefined, 'int32');
    const scores = tensor([
      [0.5, 0.3, 0.2],
      [0.1, 0.8, 0.1],
      [0.2, 0.5, 0.3],
      [0, 1, 0],
      [0.4, 0.3, 0.3],
    ]);
    expect(confusionMatrix(truth, scores).toArray()).toEqual(counts);
    const oneHot = [
      [1, 0, 0],
      [1, 0, 0],
      [0, 1, 0],
      [0, 1, 0],
      [0, 0, 1],
    ];
    expect(confusionMatrix(oneHot, [0, 1, 1, 1, 0]).toArray()).toEqual(counts);
  });

  it('takes the first of equal scores, and scores below 0', () => {
    expect(
      confusionMatrix(
        [0, 1],
        [
          [-3, -3],
          [-2, -1],
        ],
      ).toArray(),
    ).toEqual([
      [1, 0],
      [0, 1],
    ]);
  });

  it('has as many classes as it is told, as the scores have, or as occur', () => {
    expect(confusionMatrix([0], [1], 4).shape).toEqual([4, 4]);
    expect(confusionMatrix([0], [[0, 1, 0, 0, 0]]).shape).toEqual([5, 5]);
    expect(confusionMatrix([0, 0], [0, 6]).shape).toEqual([7, 7]);
    expect(confusionMatrix([], [], 2).toArray()).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it.each([
    ['differing lengths', [0, 1], [0], undefined, 'BAD_SHAPE', 'but got 2 (shape [2]) and 1 ([1])'],
    ['a true label out of range', [2], [0], 2, 'BAD_DATA', 'yTrue must be whole numbers in [0, 1]'],
    ['a predicted one', [0], [-1], 2, 'BAD_DATA', 'yPred must be whole numbers in [0, 1]'],
    ['a label that the scores lack', [3], [[0, 1, 0]], undefined, 'BAD_DATA', 'label 0 is 3'],
    ['probabilities as labels', [0], [0.75], undefined, 'BAD_DATA', 'label 0 is 0.75'],
    [
      'other columns',
      [[0, 1]],
      [[0, 1, 0]],
      undefined,
      'BAD_SHAPE',
      'yPred has shape [1, 3], but 2',
    ],
    ['other classes', [0], [[0, 1, 0]], 4, 'BAD_SHAPE', 'but 4 classes'],
    ['images', [[[0]]], [0], undefined, 'BAD_SHAPE', 'but got [1, 1, 1]'],
    [
      'NaN',
      [0, 1],
      [
        [0, 1],
        [1, Number.NaN],
      ],
      undefined,
      'BAD_DATA',
      'yPred: row 1 holds NaN',
    ],
    ['no classes', [0], [0], 0, 'BAD_ARGUMENT', 'classes must be a whole number of at least 1'],
  ])('refuses %s', (_, truth, predicted, classes, code, message) => {
    expect(() => confusionMatrix(truth, predicted, classes)).toThrow(
      expect.objectContaining({ code, message: expect.stringContaining(message) }),
    );
  });
});
