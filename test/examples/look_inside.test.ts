import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { find, parseSvg } from '../pictures/parse_svg.js';
import { writeSmallDigits } from './small_digits.js';

const drawn = 'build/look_inside';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'luge-look-inside-'));
  writeSmallDigits(join(folder, 'mnist'));
  vi.stubEnv('LUGE_DATA', folder);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

it('look_inside draws the network, its history, filters, maps and mistakes', async () => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
  rmSync(drawn, { recursive: true, force: true });
  await import('../../examples/look_inside.js');
  const names = ['confusion_matrix', 'filters', 'history', 'maps', 'misclassified', 'network'];
  expect(readdirSync(drawn).sort()).toEqual(names.map((name) => `${name}.svg`));
  const images = (name: string) =>
    find(parseSvg(readFileSync(join(drawn, `${name}.svg`), 'utf8')), 'image').length;
  expect([images('filters'), images('maps'), images('network')]).toEqual([20, 20, 0]);
  expect(log.mock.calls.flat().join('\n')).toContain('Maps: Tensor [1, 24, 24, 20] float32');
});
