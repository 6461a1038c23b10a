import type { TraceRow } from 'luge';
import { alignColumns } from './align.js';

/** What one instruction costs in a step. */
export interface Cost {
  op: string;
  layer: string;
  shapes: string;
  microseconds: number;
  share: number;
  gflops: number | undefined;
  gbytes: number;
}

type Operand = TraceRow['outputs'][number];

const kBytes = { float32: 4, int32: 4, uint8: 1 };

/**
 * Costs of a step in the order of its instructions. Those that did not run at every step count for
 * their part of one, and those that did not run at all are left out.
 */
export function costs(rows: readonly TraceRow[]): Cost[] {
  const ran = rows.filter(({ count }) => count > 0);
  const steps = Math.max(...ran.map(({ count }) => count));
  const total = ran.reduce((sum, { nanoseconds }) => sum + nanoseconds / steps, 0);
  return ran.map((row) => {
    const time = row.nanoseconds / steps;
    const flops = flopsOf(row);
    // One per nanosecond is 1e9 per second.
    const rate = (amount: number) =>
      row.nanoseconds > 0 ? (amount * row.count) / row.nanoseconds : 0;
    return {
      op: row.op,
      layer: row.scope,
      shapes: [...new Set(row.outputs.map(({ shape }) => `[${shape.join(', ')}]`))].join(' '),
      microseconds: time / 1000,
      share: total > 0 ? time / total : 0,
      gflops: flops === undefined ? undefined : rate(flops),
      gbytes: rate([...row.inputs, ...row.outputs].reduce((sum, x) => sum + bytes(x), 0)),
    };
  });
}

/**
 * Multiplications and additions of products, convolutions and recurrences, from the shapes of their
 * operands. Winograd's convolutions count as the plain ones that they stand for.
 */
export function flopsOf({ op, inputs, outputs }: TraceRow): number | undefined {
  const [a, b] = inputs as [Operand, Operand];
  const [y] = outputs as [Operand];
  const at = ({ shape }: Operand, axis: number) => shape.at(axis) as number;
  const last = (operand: Operand) => at(operand, -1);
  // Each element of y or dy takes one kernel without its output channels.
  const window = (kernel: Operand) => elements(kernel) / last(kernel);
  switch (op) {
    case 'conv2d':
      return 2 * elements(y) * window(b);
    case 'conv2d_dx':
      return 2 * elements(a) * window(b);
    case 'conv2d_dweight':
    case 'winograd_dweight':
      return 2 * elements(b) * window(y);
    case 'conv2d_max_pool2d': {
      // The windows follow from the sizes, whatever the padding.
      const pool = (axis: 1 | 2) => Math.round((at(a, axis) - at(b, axis - 1) / 2) / at(y, axis));
      return 2 * elements(y) * pool(1) * pool(2) * window(b);
    }
    // Of every window, the one output that has a gradient.
    case 'conv2d_max_pool2d_dx':
      return 2 * elements(a) * window(inputs[2] as Operand);
    case 'conv2d_max_pool2d_dweight':
      return 2 * elements(b) * window(y);
    case 'winograd_conv2d':
      return 2 * elements(y) * 9 * at(b, 2);
    case 'lstm': // all gates of a step take one product with the state, of b's rows
    case 'gru':
      return 2 * elements(a) * (b.shape[0] as number);
    case 'lstm_dx':
    case 'gru_dx':
      return 2 * elements(y) * (a.shape[0] as number);
    case 'packed_matmul':
      return 2 * elements(y) * last(a);
    case 'matmul': {
      // Of [m, k] times [k, n], whichever are transposed: (m k) (k n) (m n) = (m k n)^2.
      const matrix = ({ shape }: Operand) => elements({ shape: shape.slice(1) });
      return 2 * (y.shape[0] as number) * Math.sqrt(matrix(a) * matrix(b) * matrix(y));
    }
    case 'matmul_map':
      return 2 * Math.sqrt(elements(a) * elements(b) * elements(y));
    default:
      return undefined;
  }
}

/** The costs of all instructions of an operation together, the most expensive operation first. */
export function opTable(all: readonly Cost[]): string {
  const rows = [...new Set(all.map(({ op }) => op))].map((op) => {
    const costs = all.filter((cost) => cost.op === op);
    const sum = (of: (cost: Cost) => number) => costs.reduce((total, cost) => total + of(cost), 0);
    const microseconds = sum((cost) => cost.microseconds);
    const rate = (of: (cost: Cost) => number) =>
      microseconds > 0 ? sum((cost) => of(cost) * cost.microseconds) / microseconds : 0;
    const known = costs.every(({ gflops }) => gflops !== undefined);
    return {
      microseconds,
      cells: [
        op,
        String(costs.length),
        microseconds.toFixed(1),
        `${(100 * sum(({ share }) => share)).toFixed(1)}%`,
        known ? rate(({ gflops }) => gflops as number).toFixed(1) : '',
        rate(({ gbytes }) => gbytes).toFixed(1),
      ],
    };
  });
  const sorted = rows.toSorted((a, b) => b.microseconds - a.microseconds);
  const heading = ['operation', 'times', 'us/step', 'share', 'GFLOP/s', 'GB/s'];
  return alignColumns([heading, ...sorted.map(({ cells }) => cells)]).join('\n');
}

/** The costs as text, the most expensive first, with their total. */
export function costTable(all: readonly Cost[]): string {
  const sorted = all.toSorted((a, b) => b.microseconds - a.microseconds);
  const total = all.reduce((sum, { microseconds }) => sum + microseconds, 0);
  const lines = [
    ['instruction', 'layer', 'output', 'us/step', 'share', 'GFLOP/s', 'GB/s'],
    ...sorted.map((cost) => [
      cost.op,
      cost.layer,
      cost.shapes,
      cost.microseconds.toFixed(1),
      `${(100 * cost.share).toFixed(1)}%`,
      cost.gflops?.toFixed(1) ?? '',
      cost.gbytes.toFixed(1),
    ]),
    ['total', '', '', total.toFixed(1), '100.0%', '', ''],
  ];
  return alignColumns(lines, 3).join('\n');
}

/** One average step for chrome://tracing: instructions one behind the other, times in us. */
export function chromeTrace(all: readonly Cost[]): object {
  let ts = 0;
  const traceEvents = all.map(({ op, layer, shapes, microseconds, gflops, gbytes }) => {
    const args = { output: shapes, gflops, gbytes };
    const event = { name: op, cat: layer, ph: 'X', ts, dur: microseconds, pid: 1, tid: 1, args };
    ts += microseconds;
    return event;
  });
  return { traceEvents, displayTimeUnit: 'ns' };
}

function elements({ shape }: { shape: readonly number[] }): number {
  return shape.reduce((product, dim) => product * dim, 1);
}

function bytes(operand: Operand): number {
  return elements(operand) * kBytes[operand.dtype];
}
