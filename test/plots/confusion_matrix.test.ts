import { describe, expect, it } from 'vitest';
import { tensor } from '../../lib/core/tensor.js';
import { confusionMatrix as countConfusions } from '../../lib/metrics/confusion_matrix.js';
import { confusionMatrix, confusionMatrixText } from '../../lib/plots/index.js';
import { find, parseSvg, type SvgNode, texts } from '../pictures/parse_svg.js';

const matrix = [
  [3, 1],
  [0, 4],
];

/** The cells, without the paper. */
function cells(root: SvgNode): SvgNode[] {
  return find(root, 'rect').slice(1);
}

describe('plots.confusionMatrix', () => {
  it('shows counts, classes, recall, precision and the sum', () => {
    const root = parseSvg(confusionMatrix(matrix, { labels: ['cat', 'dog'] }));
    expect(cells(root)).toHaveLength(4);
    const shown = texts(root);
    expect(shown).toContain('7 of 8 correct (87.50%)');
    expect(shown.filter((text) => text === 'cat')).toHaveLength(2);
    expect(shown.filter((text) => /^\d$/.test(text))).toEqual(['3', '1', '4']);
    const shares = shown.filter((text) => text.endsWith('%'));
    expect(shares).toEqual(['75.0%', '100.0%', '100.0%', '80.0%']);
  });

  it('has the truth in rows: a mistake stands right of the diagonal of its row', () => {
    const root = parseSvg(confusionMatrix(matrix));
    const mistake = find(root, 'text').find(
      ({ text, attributes }) => text === '1' && attributes.fill,
    );
    const [first, second] = cells(root);
    expect(Number(mistake?.attributes.x)).toBeGreaterThan(Number(second?.attributes.x));
    expect(Number(second?.attributes.x)).toBeGreaterThan(Number(first?.attributes.x));
    expect(first?.attributes.y).toBe(second?.attributes.y);
  });

  it('colors right answers, mistakes and empty cells apart', () => {
    const root = parseSvg(
      confusionMatrix([
        [5, 5, 0],
        [0, 10, 0],
        [0, 0, 0],
      ]),
    );
    const fills = cells(root).map(({ attributes }) => attributes.fill);
    expect(new Set([fills[0], fills[1], fills[2]]).size).toBe(3);
    expect(fills[4]).not.toBe(fills[0]);
    expect(fills[8]).toBe(fills[2]);
    expect(texts(root)).toContain('-');
  });

  it('takes the tensor that luge counts', () => {
    const counts = countConfusions([0, 1, 2, 2], [0, 1, 2, 1]);
    expect(texts(parseSvg(confusionMatrix(counts)))).toContain('3 of 4 correct (75.00%)');
  });

  it('escapes labels and a title, and keeps long ones inside the picture', () => {
    const labels = ['<b> & "c"', 'a name as long as a whole line of text'];
    const root = parseSvg(confusionMatrix(matrix, { labels, title: 'a < b' }));
    expect(texts(root)).toEqual(expect.arrayContaining([...labels, 'a < b']));
    const row = find(root, 'text').find(({ attributes }) => attributes['text-anchor'] === 'end');
    expect(Number(row?.attributes.x)).toBeGreaterThan((labels[1]?.length ?? 0) * 6);
  });

  it('leaves out the text where cells are too small for it', () => {
    const many = Array.from({ length: 100 }, (_, i) =>
      Array.from({ length: 100 }, (_, j) => (i === j ? 9 : 1)),
    );
    const root = parseSvg(confusionMatrix(many));
    expect(cells(root)).toHaveLength(10_000);
    expect(texts(root)).toEqual([
      'Confusion matrix',
      '900 of 10,800 correct (8.33%)',
      'Predicted class',
      'True class',
    ]);
  });

  it('calls only a full share 100%', () => {
    const shown = texts(
      parseSvg(
        confusionMatrix([
          [99_999, 1],
          [0, 5],
        ]),
      ),
    );
    expect(shown).toContain('100,004 of 100,005 correct (99.99%)');
    expect(shown).toContain('99.9%');
  });

  it.each([
    ['a vector', [1, 2], undefined, 'BAD_SHAPE', 'but got shape [2]'],
    ['a rectangle', [[1, 2]], undefined, 'BAD_SHAPE', 'but got shape [1, 2]'],
    ['nothing', [], undefined, 'BAD_SHAPE', 'but got shape [0]'],
    [
      'shares',
      [
        [0.5, 0],
        [0, 1],
      ],
      undefined,
      'BAD_DATA',
      'but has 0.5 in row 0, column 0',
    ],
    [
      'negative counts',
      [
        [1, 0],
        [-1, 1],
      ],
      undefined,
      'BAD_DATA',
      'but has -1 in row 1, column 0',
    ],
    [
      'too few labels',
      matrix,
      ['a'],
      'BAD_ARGUMENT',
      'must name the 2 classes of the matrix, but got 1',
    ],
  ])('refuses %s', (_, bad, labels, code, message) => {
    const expected = expect.objectContaining({ code, message: expect.stringContaining(message) });
    expect(() => confusionMatrix(bad, { labels })).toThrow(expected);
    expect(() => confusionMatrixText(bad, { labels })).toThrow(expected);
  });
});

describe('plots.confusionMatrixText', () => {
  it('aligns counts, dots for none, and recall', () => {
    expect(confusionMatrixText(tensor(matrix), { labels: ['cat', 'dog'] })).toBe(
      [
        'Confusion matrix: 7 of 8 correct (87.50%)',
        'true \\ predicted  cat  dog  recall',
        '             cat    3    1   75.0%',
        '             dog    .    4  100.0%',
      ].join('\n'),
    );
  });

  it('numbers the columns when names are long', () => {
    const text = confusionMatrixText(
      [
        [1000, 0],
        [2, 0],
      ],
      { labels: ['T-shirt', 'Bag'], title: 'Test' },
    );
    expect(text.split('\n')).toEqual([
      'Test: 1,000 of 1,002 correct (99.80%)',
      'true \\ predicted     0  1  recall',
      '     T-shirt (0)  1000  .  100.0%',
      '         Bag (1)     2  .    0.0%',
    ]);
  });

  it('marks classes that do not occur', () => {
    expect(
      confusionMatrixText([
        [1, 0],
        [0, 0],
      ])
        .split('\n')
        .at(-1),
    ).toMatch(/1 {2}\. {2}\. +-$/);
  });
});
