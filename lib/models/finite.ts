import { LugeError } from '../core/errors.js';
import type { Tensor } from '../core/tensor.js';
import type { Samples } from './samples.js';

const kSlice = 1 << 20; // numbers looked at between two turns of the event loop

/** Throws BAD_DATA when x or y holds NaN or an infinity. */
export async function checkFinite(what: string, samples: Samples): Promise<void> {
  for (const [name, tensors] of [
    ['x', samples.x],
    ['y', samples.y],
  ] as const) {
    for (const tensor of tensors) {
      if (tensor.dtype === 'float32') await checkTensor(`${what}: ${name}`, tensor);
    }
  }
}

async function checkTensor(what: string, { data, shape }: Tensor): Promise<void> {
  for (let from = 0; from < data.length; from += kSlice) {
    const to = Math.min(data.length, from + kSlice);
    for (let i = from; i < to; i++) {
      const value = data[i] as number;
      if (Number.isFinite(value)) continue;
      const sample = Math.floor(i / (data.length / (shape[0] as number)));
      throw new LugeError('BAD_DATA', `${what} holds ${value} in sample ${sample}.`);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
