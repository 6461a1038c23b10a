import { existsSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { writeSmallDigits } from './small_digits.js';

let folder: string;
let printed: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'luge-examples-'));
  writeSmallDigits(join(folder, 'mnist'));
});

afterAll(() => rm(folder, { recursive: true }));

beforeEach(() => {
  vi.stubEnv('LUGE_DATA', folder);
  vi.resetModules();
  printed = '';
  const keep = (text: unknown) => {
    printed += `${text}\n`;
    return true;
  };
  vi.spyOn(console, 'log').mockImplementation(keep);
  vi.spyOn(process.stdout, 'write').mockImplementation(keep);
  vi.spyOn(process.stderr, 'write').mockImplementation(keep);
});

const { argv } = process;

afterEach(() => {
  process.argv = argv;
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** Runs examples/NAME.ts as from the command line; gives what it printed. */
async function run(name: string, ...options: string[]): Promise<string> {
  process.argv = [...argv.slice(0, 2), ...options];
  await import(`../../examples/${name}.ts`);
  return printed;
}

/** The last percentage that was printed. */
function lastAccuracy(output: string): number {
  return Number(output.match(/[\d.]+(?=%)/g)?.at(-1));
}

it('mnist_mlp learns, and draws its history', async () => {
  const output = await run('mnist_mlp', '--epochs', '40');
  expect(output).toContain('Epoch 40/40');
  expect(lastAccuracy(output)).toBeGreaterThan(90);
  expect(existsSync('build/mnist_mlp.svg')).toBe(true);
});

it('tune_mnist shows its trials, the best first', async () => {
  const output = await run('tune_mnist', '--epochs', '1', '--samples', '100');
  expect(output).toMatch(/Trial 18\/18.*\n/);
  expect(output).toMatch(/\nval_accuracy +units +activation +learningRate +l2 +fraction/);
});

it('mnist_cnn tells of its speed, and of the mean over seeds', async () => {
  const output = await run('mnist_cnn', '--epochs', '1', '--seeds', '1,2', '--samples', '50');
  expect(output).toMatch(/Training: \d+ images per second/);
  expect(output).toMatch(/CNN, 2 seeds: mean [\d.]+%, [\d.]+% to [\d.]+%/);
});

it('mnist_optimizers runs each recipe', async () => {
  const output = await run('mnist_optimizers', '--epochs', '1');
  expect(output.match(/, seed 1: [\d.]+% in/g)).toHaveLength(13);
});

it('mnist_optimizers names what it knows', async () => {
  await expect(run('mnist_optimizers', 'adamm')).rejects.toThrow(
    /No 'adamm' here, but sgd, momentum, .*adam, /,
  );
});

it('mnist_nndl has the networks of the book', async () => {
  const output = await run('mnist_nndl', '--epochs', '1', '--samples', '20');
  expect(output).toMatch(/deeper, seed 1\n85670 parameters, 20 images/);
  expect(output).toMatch(/expanded, seed 1\n85670 parameters, 100 images/);
  expect(output).toMatch(/wider, seed 1\n95770 parameters, 100 images/);
});

it('mnist_ensemble goes on where it was', async () => {
  const networks = join(folder, 'ensemble');
  const options = [networks, '--samples', '20'];
  const first = await run('mnist_ensemble', ...options, '--seeds', '1,2', '--epochs', '1');
  expect(first).toContain('1672570 parameters');
  expect(first).toMatch(/The vote of 2: [\d.]+%, \d+ errors/);
  vi.resetModules();
  printed = '';
  const second = await run('mnist_ensemble', ...options, '--seeds', '2', '--epochs', '2');
  expect(second).not.toContain('Epoch 1/2');
  expect(second).toContain('Epoch 2/2');
  expect(existsSync(join(networks, 'errors.svg'))).toBe(true);
});

it('peptides learns from a file', async () => {
  const row = (i: number) => {
    const label = i % 3;
    return `${['AAAAAAAAA', 'LLLLLLLLL', 'WWWWWWWWW'][label]}\t\t${label}\t${i < 60 ? 'train' : 'test'}`;
  };
  const lines = [
    'peptide\tlabel_chr\tlabel_num\tdata_type',
    ...Array.from({ length: 90 }, (_, i) => row(i)),
  ];
  const file = join(folder, 'peptides.tsv');
  writeFileSync(file, lines.join('\n'));
  const output = await run('peptides', file, '--epochs', '20', '--seeds', '1');
  expect(output).toContain('30 of 30 correct (100.00%)');
});

it('hic learns a correlation', async () => {
  const output = await run('hic', '--epochs', '10', '--seeds', '1', '--samples', '64');
  expect(output).toMatch(/enlarged: 0\.8\d+/);
  expect(Number(output.match(/Hi-C, seed 1: (-?[\d.]+) in/)?.[1])).toBeGreaterThan(0.5);
});
