import { type Tensor, tensor } from 'luge';

/** Bins of a fine map along each side, and of them those that make up one bin of a coarse map. */
export const fineSize = 40;
export const factor = 4;
export const coarseSize = fineSize / factor;

/** How many times as deep as the coarse map the fine one is sequenced. */
const depth = 8;

/**
 * Simulated contact maps (Hi-C) along a chromosome's diagonal, as log(1 + count): contacts get rarer
 * with the distance, are three times as frequent within a domain, and more so at its corners. The
 * coarse map is of another, shallower experiment.
 *
 * @returns coarse [count, 10, 10, 1] and fine [count, 40, 40, 1]
 */
export function contactMaps(count: number, seed: number): { coarse: Tensor; fine: Tensor } {
  const random = mulberry32(seed);
  const coarse = new Float32Array(count * coarseSize ** 2);
  const fine = new Float32Array(count * fineSize ** 2);
  for (let map = 0; map < count; map++) {
    const domains = domainOfEachBin(random);
    for (let row = 0; row < fineSize; row++) {
      for (let column = row; column < fineSize; column++) {
        const rate = contacts(domains, row, column);
        const deep = poisson(depth * rate, random);
        const shallow = poisson(rate, random);
        for (const [i, j] of symmetric(row, column)) {
          fine[(map * fineSize + i) * fineSize + j] = Math.log1p(deep);
          const [I, J] = [Math.floor(i / factor), Math.floor(j / factor)];
          const at = (map * coarseSize + I) * coarseSize + J;
          coarse[at] = (coarse[at] as number) + shallow;
        }
      }
    }
  }
  return {
    coarse: tensor(coarse.map(Math.log1p), [count, coarseSize, coarseSize, 1]),
    fine: tensor(fine, [count, fineSize, fineSize, 1]),
  };
}

interface Domain {
  readonly from: number;
  readonly to: number;
}

/** Domains of 6 to 20 bins, one after the other; the first begins before the map. */
function domainOfEachBin(random: () => number): Domain[] {
  const domains: Domain[] = [];
  let from = -Math.floor(random() * 12);
  while (domains.length < fineSize) {
    const to = from + 6 + Math.floor(random() * 15);
    for (let bin = Math.max(from, 0); bin < to; bin++) domains.push({ from, to: to - 1 });
    from = to;
  }
  return domains;
}

function contacts(domains: readonly Domain[], i: number, j: number): number {
  const [a, b] = [domains[i] as Domain, domains[j] as Domain];
  const decay = 10 / (1 + j - i);
  if (a.from !== b.from) return decay;
  const loop = Math.hypot(i - a.from, j - a.to) < 2 ? 2 : 1;
  return 3 * loop * decay;
}

function symmetric(i: number, j: number) {
  return i === j ? [[i, j] as const] : [[i, j] as const, [j, i] as const];
}

/** Knuth's method; for many events a normal variable of the same mean and variance. */
function poisson(rate: number, random: () => number): number {
  if (rate > 30) {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    return Math.max(0, Math.round(rate + Math.sqrt(rate) * normal));
  }
  let events = 0;
  for (let left = random(); left > Math.exp(-rate); left *= random()) events += 1;
  return events;
}

/** Numbers from 0 to 1, the same for the same seed (Tommy Ettinger's mulberry32). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
