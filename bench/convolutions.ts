// npm run bench:convolutions -- [--only 1x1-64-256,depthwise-3x3-64] [--threads 2] [--rounds 5] [--seconds 0.2]
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import * as luge from 'luge';
import { alignColumns } from './align.js';
import { type Convolution, convolutions, multiplyAdds, outputSize } from './convolution_shapes.js';
import { pick, positive, positiveInteger } from './options.js';
import { PeerProcess } from './peer_process.js';
import { flopsOf } from './profile_table.js';
import type { ConvolutionTimes } from './protocol.js';
import { median } from './results.js';
import { preparePeer, pythonScript } from './setup_peers.js';

const directions = ['forward', 'input', 'weights'] as const;
const tested = 'tested';

function readOptions() {
  const { values } = parseArgs({
    options: {
      only: { type: 'string' },
      threads: { type: 'string', default: String(availableParallelism()) },
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '0.2' },
    },
  });
  return {
    shapes: pick(convolutions, ({ name }) => name, values.only, 'only'),
    threads: positiveInteger('threads', values.threads),
    rounds: positiveInteger('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
  };
}

/** A function that trains for so many seconds and says how long the instructions of the layer took. */
async function lugeTimes(convolution: Convolution) {
  const { batch, input, filters, kernel, stride, groups } = convolution;
  const shared = { name: tested, kernelSize: kernel, strides: stride, useBias: false } as const;
  const model = luge.sequential([
    // So that there is a gradient to the input.
    luge.layers.depthwiseConv2d({ kernelSize: 1, useBias: false, inputShape: input }),
    groups === input[2]
      ? luge.layers.depthwiseConv2d({ ...shared, padding: 'same' })
      : luge.layers.conv2d({ ...shared, padding: 'same', filters, groups }),
    luge.layers.globalAveragePooling2d(),
  ]);
  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
  const random = (shape: number[]) =>
    luge.tensor(
      Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => Math.random() - 0.5),
      shape,
    );
  const x = random([batch, ...input]);
  const y = random([batch, filters]);
  let perStep = 0;
  return async (seconds: number): Promise<ConvolutionTimes> => {
    const steps = Math.max(1, perStep > 0 ? Math.round(seconds / perStep) : 1);
    const start = performance.now();
    const rows = await model.profile(x, y, { batchSize: batch, steps });
    perStep = (performance.now() - start) / 1000 / steps;
    const times = { forward: 0, input: 0, weights: 0 };
    for (const row of rows) {
      if (!row.scope.endsWith(tested)) continue;
      times[directionOf(row, convolution)] += row.nanoseconds / 1e9 / steps;
    }
    return times;
  };
}

/** What an instruction of the layer is part of: the weights' transform comes before each product. */
function directionOf(row: luge.TraceRow, { filters, kernel, input, groups }: Convolution) {
  if (!row.scope.startsWith('gradient')) return 'forward';
  const weights = (kernel * kernel * input[2] * filters) / groups;
  const size = row.outputs[0]?.shape.reduce((product, dim) => product * dim, 1);
  return size === weights && flopsOf(row) !== undefined ? 'weights' : 'input';
}

async function measure(convolution: Convolution, options: ReturnType<typeof readOptions>) {
  const { threads, rounds, seconds } = options;
  const env = { OMP_NUM_THREADS: String(threads) };
  const command = pythonScript('torch_convolution', env);
  const torch = new PeerProcess(command);
  try {
    const own = await lugeTimes(convolution);
    await own(0); // warms up
    await torch.ask({ type: 'convolve', convolution, threads, seconds: 0 }, 'times', 120);
    const found: { luge: ConvolutionTimes; torch: ConvolutionTimes }[] = [];
    for (let round = 0; round < rounds; round++) {
      const request = { type: 'convolve', convolution, threads, seconds } as const;
      found.push({ luge: await own(seconds), torch: await torch.ask(request, 'times', 120) });
    }
    const flops = 2 * multiplyAdds(convolution);
    return directions.map((direction) => {
      const time = median(found.map((round) => round.luge[direction]));
      const ratio = median(found.map((round) => round.torch[direction] / round.luge[direction]));
      return { milliseconds: 1e3 * time, gflops: flops / time / 1e9, ratio };
    });
  } finally {
    await torch.end();
  }
}

async function main(): Promise<void> {
  const options = readOptions();
  await preparePeer('torch');
  luge.setThreads(options.threads);
  const headings = directions.flatMap((direction) => [direction, 'GFLOP/s', 'x torch']);
  const lines = [['', 'output', ...headings]];
  for (const convolution of options.shapes) {
    process.stderr.write(`${lines.length} of ${options.shapes.length}: ${convolution.name}\n`);
    const results = await measure(convolution, options);
    lines.push([
      convolution.name,
      `[${[convolution.batch, ...outputSize(convolution), convolution.filters].join(', ')}]`,
      ...results.flatMap(({ milliseconds, gflops, ratio }) => [
        `${milliseconds.toFixed(2)} ms`,
        gflops.toFixed(0),
        ratio.toFixed(2),
      ]),
    ]);
  }
  console.log(
    `Convolutions on ${options.threads} threads, medians of ${options.rounds} rounds; how many times as ` +
      'fast as PyTorch in the faster of its two layouts.\n',
  );
  console.log(alignColumns(lines, 2).join('\n'));
}

await main().catch((error: Error) => {
  console.error(error.message);
  process.exitCode = 1;
});
