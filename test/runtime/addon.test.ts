import { expect, it } from 'vitest';
import { addon } from '../../lib/runtime/addon.js';

it('loading the native part leaves nothing in the environment that child processes would find', () => {
  const before = { ...process.env };
  addon();
  expect(process.env).toEqual(before);
});
