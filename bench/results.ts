import type { MachineLimits } from '../lib/runtime/limits.js';
import type { Measurement, Startup } from './protocol.js';

/** One peer on one workload: all its rounds, in order. */
export interface PeerResult {
  peer: string;
  label: string;
  threads: number;
  rounds: Measurement[];
}

export interface WorkloadResult {
  workload: string;
  batch: number;
  /** Of one sample. */
  flops: number;
  peers: PeerResult[];
}

/** How a peer starts: each round in a process of its own. */
export interface StartResult {
  peer: string;
  label: string;
  rounds: Startup[];
}

export interface Results {
  date: string;
  machine: string;
  node: string;
  seconds: number;
  /** In GFLOP/s, for each number of threads that was used. */
  limits: (MachineLimits & { threads: number })[];
  workloads: WorkloadResult[];
  starts: StartResult[];
}

/** Rates of the rounds in samples a second. */
export function rates(result: PeerResult): number[] {
  return result.rounds.map((round) => round.samples / round.seconds);
}

/** How many times as fast `first` is as `other`: median over rounds that ran side by side. */
export function ratio(first: PeerResult, other: PeerResult): number {
  const others = rates(other);
  return median(rates(first).map((rate, round) => rate / (others[round] as number)));
}

/** luge on most threads, which the others are set against; undefined where it could not run. */
export function reference(peers: readonly PeerResult[]): PeerResult | undefined {
  return peers.find(({ peer }) => peer === 'luge');
}

/** Which part of the arithmetic limit for its threads a peer reaches; undefined when not known. */
export function partOfPeak(
  result: PeerResult,
  flops: number,
  limits: Results['limits'],
): number | undefined {
  const limit = limits.find(({ threads }) => threads === result.threads);
  return limit && (median(rates(result)) * flops) / (limit.fma * 1e9);
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] as number)) / 2;
}
