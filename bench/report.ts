import { alignColumns } from './align.js';
import {
  median,
  type PeerResult,
  partOfPeak,
  type Results,
  rates,
  ratio,
  reference,
  type StartResult,
  type WorkloadResult,
} from './results.js';

/** Whole numbers from a hundred on, one or two decimals below. */
export const count = (value: number) =>
  value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });

const mebibytes = (bytes: number) => `${count(bytes / 2 ** 20)} MiB`;
const milliseconds = (seconds: number) => `${count(seconds * 1000)} ms`;

/** Tables for the terminal. */
export function table(results: Results): string {
  const { machine, node, limits, workloads, starts } = results;
  const rounds = workloads[0]?.peers[0]?.rounds.length ?? 0;
  return [
    `${machine}, Node ${node}. Medians of ${rounds} interleaved rounds.`,
    ...limits.map(
      ({ threads, fma, blas }) =>
        `Limits on ${threadCount(threads)}: multiply-adds ${count(fma)} GFLOP/s, sgemm of OpenBLAS ` +
        `${count(blas)} GFLOP/s (${percent(blas / fma)}).`,
    ),
    ...workloads.flatMap((result) => ['', ...workloadTable(result, limits)]),
    ...(starts.length > 0 ? ['', ...startTable(starts)] : []),
  ].join('\n');
}

const threadCount = (threads: number) => `${threads} thread${threads === 1 ? '' : 's'}`;
const percent = (part: number) => `${Math.round(100 * part)}%`;

const headings = [
  ...['samples/s', 'lowest..highest', 'us/step', 'GFLOP/s', 'of peak', 'luge is'],
  ...['peak memory', 'loop delay p50/p99/worst'],
];

function workloadTable(result: WorkloadResult, limits: Results['limits']): string[] {
  const rows = result.peers.map((peer) => peerRow(peer, result, limits));
  const lines = alignColumns([['', ...headings], ...rows]);
  return [result.workload, ...lines.map((line) => `  ${line}`)];
}

function peerRow(
  peer: PeerResult,
  { batch, flops, peers }: WorkloadResult,
  limits: Results['limits'],
): string[] {
  const first = reference(peers);
  const found = rates(peer);
  const part = partOfPeak(peer, flops, limits);
  return [
    `${peer.label}, ${threadCount(peer.threads)}`,
    count(median(found)),
    `${count(Math.min(...found))}..${count(Math.max(...found))}`,
    count((batch / median(found)) * 1e6),
    count((median(found) * flops) / 1e9),
    part === undefined ? '' : percent(part),
    first === undefined || peer === first ? '' : `${ratio(first, peer).toFixed(2)}x`,
    mebibytes(Math.max(...peer.rounds.map(({ peakMemory }) => peakMemory))),
    loopDelay(peer),
  ];
}

/** The median round's median, and the worst of all rounds' 99th percentiles and maxima. */
function loopDelay({ rounds }: PeerResult): string {
  const delays = rounds.flatMap((round) => (round.loopDelay ? [round.loopDelay] : []));
  if (delays.length === 0) return '';
  const p50 = median(delays.map((delay) => delay.p50));
  const p99 = Math.max(...delays.map((delay) => delay.p99));
  const worst = Math.max(...delays.map((delay) => delay.worst));
  return `${p50.toFixed(1)} / ${p99.toFixed(1)} / ${worst.toFixed(1)} ms`;
}

function startTable(starts: readonly StartResult[]): string[] {
  const rows = starts.map(({ label, rounds }) => [
    label,
    milliseconds(median(rounds.map((round) => round.import))),
    milliseconds(median(rounds.map((round) => round.firstPass))),
    mebibytes(median(rounds.map((round) => round.resident))),
  ]);
  const heading = ['', 'import', 'process to first step', 'memory at rest'];
  return ['start', ...alignColumns([heading, ...rows]).map((line) => `  ${line}`)];
}
