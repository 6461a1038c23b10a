import { describe, expect, it } from 'vitest';
import { LugeError, nearestName, unknownName } from '../../lib/core/errors.js';

describe('unknownName', () => {
  it('offers the nearest known name, whatever its case and underscores', () => {
    expect(nearestName('rleu', ['relu', 'tanh'])).toBe('relu');
    expect(nearestName('Mean_Squared_Eror', ['meanSquaredError', 'mse'])).toBe('meanSquaredError');
    expect(nearestName('zebra', ['relu', 'tanh'])).toBeUndefined();
  });

  it('lists all names when none is near', () => {
    const error = unknownName('loss', 'zebra', ['mse', 'mae']);
    expect(error).toBeInstanceOf(LugeError);
    expect(error.code).toBe('UNKNOWN_NAME');
    expect(error.message).toBe("Unknown loss 'zebra'. Known: mse, mae.");
  });
});
