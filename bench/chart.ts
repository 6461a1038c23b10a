import { count } from './report.js';
import {
  median,
  type PeerResult,
  partOfPeak,
  type Results,
  rates,
  ratio,
  reference,
  type WorkloadResult,
} from './results.js';

const width = 860;
const labelWidth = 250;
const barWidth = width - labelWidth - 250;
const barHeight = 22;

const escapeXml = (text: string) =>
  text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

const textAt = (x: number, y: number, content: string, style = '') =>
  `<text x="${x.toFixed(1)}" y="${y}"${style}>${escapeXml(content)}</text>`;

/** A bar chart: a group of bars for each workload, each group to a scale of its own. */
export function barChart(results: Results): string {
  const parts: string[] = [];
  let y = 20;
  const { machine, limits } = results;
  const shown = limits.map(({ threads, fma }) => `${count(fma)} GFLOP/s on ${threads}`);
  const limit = shown.length > 0 ? `; multiply-adds: ${shown.join(', ')} threads` : '';
  parts.push(textAt(10, y, machine + limit, ' fill="#666"'));
  for (const result of results.workloads) {
    y += 36;
    const heading = `${result.workload} (samples per second)`;
    parts.push(textAt(10, y, heading, ' font-weight="bold"'));
    const most = Math.max(...result.peers.map((peer) => median(rates(peer))));
    for (const peer of result.peers) {
      y += barHeight + 4;
      parts.push(...bar(peer, result, limits, most, y));
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

function bar(
  peer: PeerResult,
  { peers, flops }: WorkloadResult,
  limits: Results['limits'],
  most: number,
  y: number,
): string[] {
  const rate = median(rates(peer));
  const length = (barWidth * rate) / most;
  const first = reference(peers);
  const color = peer.peer === 'luge' ? '#2b7de9' : '#b8bec7';
  const part = partOfPeak(peer, flops, limits);
  const notes = [
    ...(part === undefined ? [] : [`${Math.round(100 * part)}% of peak`]),
    ...(first && peer !== first ? [`luge: ${ratio(first, peer).toFixed(2)}x`] : []),
  ].join(', ');
  const label = peer === first ? peer.label : `${peer.label}${otherThreads(peer, first)}`;
  const size = `width="${length.toFixed(1)}" height="${barHeight}"`;
  return [
    `<rect x="${labelWidth}" y="${y - 16}" ${size} fill="${color}"/>`,
    textAt(10, y, label),
    textAt(labelWidth + length + 6, y, count(rate) + (notes ? ` (${notes})` : '')),
  ];
}

function otherThreads({ threads }: PeerResult, first: PeerResult | undefined): string {
  if (first === undefined || threads === first.threads) return '';
  return `, ${threads} thread${threads === 1 ? '' : 's'}`;
}
