import type { Measurement, Startup } from './protocol.js';

/** One peer on one workload: all its rounds, in order. */
export interface PeerResult {
  peer: string;
  label: string;
  startup: Startup;
  rounds: Measurement[];
}

export interface WorkloadResult {
  workload: string;
  flops: number;
  /** The one that the others are set against comes first. */
  peers: PeerResult[];
}

export interface Results {
  date: string;
  machine: string;
  node: string;
  threads: number;
  seconds: number;
  workloads: WorkloadResult[];
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
}

export function rates(result: PeerResult): number[] {
  return result.rounds.map((round) => round.samples / round.seconds);
}

/** How many times as fast `first` is as `other`: median over rounds that ran side by side. */
export function ratio(first: PeerResult, other: PeerResult): number {
  const others = rates(other);
  return median(rates(first).map((rate, round) => rate / (others[round] as number)));
}

/** Whole numbers from a hundred on, one or two decimals below. */
const count = (value: number) =>
  value.toLocaleString('en-US', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });

/** A table for the terminal. */
export function table(results: Results): string {
  const lines = [
    `${results.machine}, ${results.threads} threads, Node ${results.node}`,
    `Medians of ${results.workloads[0]?.peers[0]?.rounds.length ?? 0} interleaved rounds.`,
  ];
  for (const { workload, flops, peers } of results.workloads) {
    const first = peers[0] as PeerResult;
    const heading = ['samples/s', 'lowest..highest', 'GFLOP/s', `${first.peer} is`];
    const rows = [['', ...heading, 'loop delay p50/p99']];
    for (const result of peers) rows.push(row(result, first, flops));
    lines.push('', workload, ...alignColumns(rows).map((line) => `  ${line}`));
  }
  return lines.join('\n');
}

function row(result: PeerResult, first: PeerResult, flops: number): string[] {
  const found = rates(result);
  const delays = result.rounds.flatMap(({ loopDelay }) => (loopDelay ? [loopDelay] : []));
  const p50 = median(delays.map((delay) => delay.p50));
  const p99 = Math.max(...delays.map((delay) => delay.p99));
  const gflops = (median(found) * flops) / 1e9;
  return [
    result.label,
    count(median(found)),
    `${count(Math.min(...found))}..${count(Math.max(...found))}`,
    gflops.toFixed(1),
    result === first ? '' : `${ratio(first, result).toFixed(2)}x`,
    delays.length === 0 ? '' : `${p50.toFixed(1)} / ${p99.toFixed(1)} ms`,
  ];
}

/** The first column to the left, the others to the right. */
function alignColumns(rows: string[][]): string[] {
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((r) => r[i]?.length ?? 0))) ?? [];
  return rows.map((cells) =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd(),
  );
}

const escapeXml = (text: string) =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/** A bar chart: a group of bars for each workload, each group to a scale of its own. */
export function barChart(results: Results): string {
  const [width, labelWidth, barHeight] = [760, 210, 22];
  const barWidth = width - labelWidth - 190;
  const parts: string[] = [];
  let y = 20;
  const text = (x: number, content: string, style = '') =>
    parts.push(`<text x="${x}" y="${y}" ${style}>${escapeXml(content)}</text>`);
  text(10, `${results.machine}, ${results.threads} threads`, 'fill="#666"');
  for (const { workload, peers } of results.workloads) {
    y += 36;
    text(10, `${workload} (samples per second)`, 'font-weight="bold"');
    const most = Math.max(...peers.map((result) => median(rates(result))));
    for (const result of peers) {
      y += barHeight + 4;
      const rate = median(rates(result));
      const length = (barWidth * rate) / most;
      const first = peers[0] as PeerResult;
      const [top, color] = [y - 16, result === first ? '#2b7de9' : '#b8bec7'];
      parts.push(
        `<rect x="${labelWidth}" y="${top}" width="${length.toFixed(1)}" height="${barHeight}" fill="${color}"/>`,
      );
      text(10, result.label);
      const times = result === first ? '' : ` (${first.peer}: ${ratio(first, result).toFixed(2)}x)`;
      text(labelWidth + length + 6, count(rate) + times);
    }
  }
  const font = 'font-family="system-ui, sans-serif" font-size="13"';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${y + 20}" ${font}>`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}
