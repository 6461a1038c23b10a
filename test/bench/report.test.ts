import { describe, expect, it } from 'vitest';
import { alignColumns } from '../../bench/align.js';
import { barChart } from '../../bench/chart.js';
import { highest } from '../../bench/limits.js';
import { table } from '../../bench/report.js';
import {
  median,
  type PeerResult,
  partOfPeak,
  type Results,
  ratio,
  reference,
} from '../../bench/results.js';

/** A peer whose rounds ran at the given samples a second. */
const peer = (name: string, rates: number[], threads = 2): PeerResult => ({
  peer: name,
  label: `<${name}> 1.0`,
  threads,
  rounds: rates.map((rate, i) => ({
    samples: rate * (i + 1),
    seconds: i + 1,
    peakMemory: 2 ** 20 * (50 + i),
    ...(name === 'luge' ? { loopDelay: { p50: i, p99: 10 + i, worst: 20 + i } } : {}),
  })),
});

const results = (...peers: PeerResult[]): Results => ({
  date: '2024-01-01',
  machine: 'A & B',
  node: '20',
  seconds: 1,
  limits: [
    { threads: 1, fma: 100, blas: 80 },
    { threads: 2, fma: 200, blas: 150 },
  ],
  workloads: [{ workload: 'cnn', batch: 10, flops: 1e7, peers }],
  starts: [],
});

describe('median', () => {
  it('is the middle, or the mean of the two in the middle', () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([10, 1, 2, 3])).toBe(2.5);
  });
});

describe('ratio', () => {
  it('is the median of ratios within a round, not the ratio of medians', () => {
    // The machine slowed down from round to round; luge was twice as fast in each.
    expect(ratio(peer('luge', [1000, 400, 100]), peer('torch', [500, 200, 50]))).toBe(2);
    expect(ratio(peer('luge', [100, 200, 900]), peer('torch', [100, 100, 100]))).toBe(2);
  });
});

describe('partOfPeak', () => {
  it('takes the limit for the same number of threads', () => {
    const { limits } = results();
    expect(partOfPeak(peer('luge', [1000], 1), 1e7, limits)).toBeCloseTo(0.1);
    expect(partOfPeak(peer('luge', [1000], 2), 1e7, limits)).toBeCloseTo(0.05);
    expect(partOfPeak(peer('luge', [1000], 4), 1e7, limits)).toBeUndefined();
  });
});

describe('highest', () => {
  it('keeps the most for each number of threads', () => {
    const { limits } = results();
    const later = [{ threads: 2, fma: 190, blas: 160 }];
    expect(highest([...limits, ...later])).toEqual([
      { threads: 1, fma: 100, blas: 80 },
      { threads: 2, fma: 200, blas: 160 },
    ]);
  });
});

describe('table', () => {
  it('shows rates, ratios, the part of the peak, memory and delays', () => {
    const text = table(
      results(peer('luge', [4000, 5000, 6000]), peer('torch', [2000, 2500, 3000])),
    );
    expect(text).toContain('on 2 threads: multiply-adds 200 GFLOP/s, sgemm of OpenBLAS 150');
    const [luge = '', torch = ''] = text.split('\n').filter((line) => line.includes('1.0'));
    expect(luge.trim().split(/ {2,}/)).toEqual([
      ...['<luge> 1.0, 2 threads', '5,000', '4,000..6,000', '2,000', '50', '25%'],
      ...['52 MiB', '1.0 / 12.0 / 22.0 ms'],
    ]);
    expect(torch.trim().split(/ {2,}/)).toEqual([
      ...['<torch> 1.0, 2 threads', '2,500', '2,000..3,000', '4,000', '25', '13%', '2.00x'],
      '52 MiB',
    ]);
  });

  it('compares with nobody where luge could not run', () => {
    const text = table(results(peer('torch', [2000]), peer('keras', [1000])));
    expect(reference([peer('torch', [1])])).toBeUndefined();
    expect(text).not.toMatch(/\d\dx/);
  });

  it('shows how peers start', () => {
    const rounds = [0.1, 0.3, 0.2].map((time) => ({
      import: time,
      firstPass: 10 * time,
      resident: time * 2 ** 30,
    }));
    const start = { peer: 'luge', label: 'luge 1.0', rounds };
    const text = table({ ...results(peer('luge', [1])), starts: [start] });
    expect(text).toMatch(/luge 1\.0 +200 ms +2,000 ms +205 MiB/);
  });
});

describe('barChart', () => {
  const svg = barChart(
    results(peer('luge', [4000]), peer('torch', [1000]), peer('luge', [2000], 1)),
  );

  it('draws bars as long as the rates', () => {
    const lengths = [...svg.matchAll(/<rect x="250".* width="([\d.]+)"/g)].map((match) => match[1]);
    expect(lengths).toEqual(['360.0', '90.0', '180.0']);
  });

  it('names peers, ratios and the part of the peak, escaped', () => {
    expect(svg).toContain('A &#38; B');
    expect(svg).toContain('&#60;torch&#62; 1.0');
    expect(svg).toContain('1,000 (5% of peak, luge: 4.00x)');
    expect(svg).toContain('&#60;luge&#62; 1.0, 1 thread<');
  });
});

describe('alignColumns', () => {
  it('pads to the widest cell', () => {
    const rows = [
      ['a', 'b', 'c'],
      ['aaa', '1', '22'],
    ];
    expect(alignColumns(rows)).toEqual(['a    b   c', 'aaa  1  22']);
    expect(alignColumns(rows, 2)).toEqual(['a    b   c', 'aaa  1  22']);
  });
});
