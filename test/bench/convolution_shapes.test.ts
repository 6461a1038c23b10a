import { expect, it } from 'vitest';
import { convolutions, multiplyAdds, outputSize } from '../../bench/convolution_shapes.js';

const named = (name: string) => {
  const found = convolutions.find((shape) => shape.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};

it('knows what a convolution computes, with strides and groups', () => {
  const stem = named('7x7s2-3-64');
  expect(outputSize(stem)).toEqual([112, 112]);
  expect(multiplyAdds(stem)).toBe(8 * 112 * 112 * 64 * 7 * 7 * 3);
  expect(multiplyAdds(named('depthwise-3x3-64'))).toBe(8 * 112 * 112 * 64 * 9);
  expect(multiplyAdds(named('3x3-groups-32x4'))).toBe(8 * 56 * 56 * 128 * 9 * 4);
});

it('names each convolution once', () => {
  const names = convolutions.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
});
