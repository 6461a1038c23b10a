import { expect, it } from 'vitest';
import { pick, positive, positiveInteger } from '../../bench/options.js';

it('numbers must be positive', () => {
  expect(positive('seconds', '0.5')).toBe(0.5);
  expect(positiveInteger('rounds', '3')).toBe(3);
  for (const wrong of ['0', '-1', 'x', '', 'Infinity', undefined]) {
    expect(() => positive('seconds', wrong)).toThrow(/--seconds must be a positive number/);
  }
  expect(() => positiveInteger('rounds', '1.5')).toThrow(/--rounds must be a whole number/);
});

it('items are picked by name, in their own order', () => {
  const name = (item: string) => item;
  expect(pick(['a', 'b', 'c'], name, 'c,a', 'only')).toEqual(['a', 'c']);
  expect(pick(['a', 'b', 'c'], name, undefined, 'only')).toEqual(['a', 'b', 'c']);
  expect(() => pick(['a', 'b'], name, 'a,x', 'only')).toThrow('--only: no "x"; there are a, b');
});
