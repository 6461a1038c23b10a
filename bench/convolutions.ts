// npm run bench:convolutions -- [--only depthwise,by] [--seconds 0.3] [--rounds 5] [--threads 2]
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { alignColumns } from './align.js';
import { highest, measureLimits } from './limits.js';
import { positive, positiveInteger } from './options.js';
import { type PeerCommand, PeerProcess } from './peer_process.js';
import { count } from './report.js';
import { median } from './results.js';
import { preparePeer } from './setup_peers.js';

/** One pass of a convolution over square images, padded so that stride 1 keeps their size. */
export interface Convolution {
  readonly name: string;
  /** `y`, the convolution itself, or the gradient by its input or its weights. */
  readonly pass: Pass;
  readonly batch: number;
  /** Lines and columns of the image. */
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly channels: number;
  readonly filters: number;
  readonly groups: number;
  /** As the harness counts: a pass goes over so many. */
  readonly samples: number;
}

const passes = ['y', 'dx', 'dweight'] as const;
type Pass = (typeof passes)[number];

type Shape = Omit<Convolution, 'pass' | 'samples'>;

/** `kernel`, perhaps with a stride, on `size`, from `channels` to `filters`, perhaps in groups. */
function shape(
  [kernel, stride = 1]: readonly [number, number?],
  size: number,
  [channels, filters = channels]: readonly [number, number?],
  groups = 1,
  batch = 8,
): Shape {
  const window = `${kernel}x${kernel}${stride > 1 ? ` stride ${stride}` : ''}`;
  const depthwise = groups === channels && groups > 1;
  const kind = depthwise ? 'depthwise ' : '';
  const to = filters === channels ? '' : ` to ${filters}`;
  const by = depthwise || groups === 1 ? '' : ` by ${channels / groups}`;
  const name = `${kind}${window} of ${size}x${size}x${channels}${to}${by}`;
  return { name, batch, size, kernel, stride, channels, filters, groups };
}

/** Those of networks that people train, and sizes that fill neither vectors nor tiles. */
const shapes: readonly Shape[] = [
  shape([1], 56, [64, 256]),
  shape([1], 56, [256, 64]),
  shape([1], 28, [512, 128]),
  shape([1], 14, [1024, 256]),
  shape([1], 7, [2048, 512]),
  shape([3], 56, [64]),
  shape([3], 28, [128]),
  shape([3], 14, [256]),
  shape([3], 7, [512]),
  shape([3, 2], 224, [3, 32]),
  shape([3, 2], 56, [128]),
  shape([3, 2], 28, [256]),
  shape([5], 28, [32, 64]),
  shape([5, 2], 56, [32, 64]),
  shape([7, 2], 224, [3, 64]),
  shape([3], 28, [17, 33], 1, 7),
  shape([3], 112, [64], 64),
  shape([3, 2], 112, [64], 64),
  shape([3], 56, [128], 128),
  shape([3], 28, [256], 256),
  shape([3], 14, [512], 512),
  shape([5], 28, [256], 256),
  shape([3], 56, [128], 32),
  shape([3], 28, [256], 32),
  shape([3], 28, [256], 16),
  shape([3], 14, [512], 32),
  shape([3, 2], 28, [512], 32),
  shape([3], 14, [1024], 32),
  shape([3], 7, [1024], 32),
  shape([3], 28, [256], 4),
];

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      seconds: { type: 'string', default: '0.3' },
      rounds: { type: 'string', default: '5' },
      threads: { type: 'string', default: String(availableParallelism()) },
    },
  });
  const parts = values.only?.split(',') ?? [''];
  const wanted = shapes.filter(({ name }) => parts.some((part) => name.includes(part)));
  if (wanted.length === 0) {
    const names = shapes.map(({ name }) => name).join('\n');
    throw new Error(`--only: none of these names has such a part:\n${names}`);
  }
  return {
    shapes: wanted,
    seconds: positive('seconds', values.seconds),
    rounds: positiveInteger('rounds', values.rounds),
    threads: positiveInteger('threads', values.threads),
  };
}

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));

async function commands(): Promise<PeerCommand[]> {
  const torch = await preparePeer('torch');
  return [
    { command: process.execPath, args: ['--import', 'tsx', file('peers/luge_convolution.ts')] },
    { ...torch, args: [file('peers/torch_convolution.py')] },
  ];
}

/** Microseconds that each peer took for a pass, round after round in turn. */
async function measure(
  running: readonly PeerProcess[],
  workload: Convolution,
  { rounds, seconds, threads }: { rounds: number; seconds: number; threads: number },
): Promise<number[][]> {
  for (const peer of running) {
    const prepare = { type: 'prepare', workload, threads, started: peer.started } as const;
    await peer.ask(prepare, 'ready', 300);
  }
  const found: number[][] = running.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [i, peer] of running.entries()) {
      const result = await peer.ask({ type: 'run', seconds }, 'result', 60 + 20 * seconds);
      found[i]?.push((result.seconds / result.samples) * 1e6);
    }
  }
  return found;
}

/** Multiplications and additions of a pass, were it computed as it is written. */
function flops({ batch, size, kernel, stride, channels, filters, groups }: Shape): number {
  const outputs = batch * Math.ceil(size / stride) ** 2 * filters;
  return 2 * outputs * kernel ** 2 * (channels / groups);
}

async function main(): Promise<void> {
  const options = readOptions();
  const { threads, rounds } = options;
  const limits = await measureLimits(threads);
  const running = (await commands()).map((command) => {
    const env = { OMP_NUM_THREADS: String(threads), ...command.env };
    return new PeerProcess({ ...command, env });
  });
  const table = [['', ...passes.flatMap((pass) => [pass, 'us', 'GFLOP/s', 'luge is'])]];
  const start = performance.now();
  try {
    for (const [i, one] of options.shapes.entries()) {
      const row = [`${one.name}${one.batch === 8 ? '' : `, batch ${one.batch}`}`];
      for (const pass of passes) {
        const workload: Convolution = { ...one, pass, samples: 1 };
        const [luge, torch] = (await measure(running, workload, options)) as [number[], number[]];
        const ratio = median(luge.map((time, round) => (torch[round] as number) / time));
        const rate = flops(one) / median(luge) / 1000;
        row.push('', count(median(luge)), count(rate), `${ratio.toFixed(2)}x`);
      }
      table.push(row);
      const left = options.shapes.length - i - 1;
      const eta = ((performance.now() - start) / 60_000 / (i + 1)) * left;
      console.error(`${one.name} measured; ${left} to go, about ${eta.toFixed(1)} minutes.`);
    }
  } finally {
    await Promise.all(running.map((peer) => peer.end()));
  }
  limits.push(...(await measureLimits(threads)));
  const fma = highest(limits).find((limit) => limit.threads === threads)?.fma ?? 0;
  console.log(
    `Medians of ${rounds} rounds in turn with PyTorch on ${threads} threads, batch 8; ` +
      `multiply-adds in registers: ${count(fma)} GFLOP/s.\n`,
  );
  console.log(alignColumns(table).join('\n'));
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
