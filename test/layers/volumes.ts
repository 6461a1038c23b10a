import { Real, total } from '../support/op_reference.js';

type Triple = readonly [number, number, number];

/** How a window moves over volumes: from where, how far apart its elements are, how many places. */
export interface Steps {
  pads?: Triple;
  strides?: Triple;
  dilation?: Triple;
  out: Triple;
}

/** A place of the window on the volume, and where that is in the window. */
interface Place {
  at: Triple;
  inside: Triple;
}

/** A function of the places of each window that lie on volumes x [n, d, h, w, c]. */
export function overVolumes(
  x: Real,
  size: Triple,
  { pads = [0, 0, 0], strides = [1, 1, 1], dilation = [1, 1, 1], out }: Steps,
  channels: number,
  f: (places: Place[], sample: number, channel: number) => number,
): Real {
  const n = x.shape[0] as number;
  const positions = indices(size);
  return Real.make([n, ...out, channels], (index) => {
    const places = positions.flatMap((inside) => {
      const at = inside.map(
        (i, axis) =>
          (index[axis + 1] as number) * (strides[axis] as number) +
          i * (dilation[axis] as number) -
          (pads[axis] as number),
      ) as unknown as Triple;
      const fits = at.every((i, axis) => i >= 0 && i < (x.shape[axis + 1] as number));
      return fits ? [{ at, inside }] : [];
    });
    return f(places, index[0] as number, index[4] as number);
  });
}

function indices([d, h, w]: Triple): Triple[] {
  return Array.from({ length: d * h * w }, (_, i) => [
    Math.floor(i / (h * w)),
    Math.floor(i / w) % h,
    i % w,
  ]);
}

/** x [n, d, h, w, c] with kernel [kd, kh, kw, c / groups, filters]. */
export function convolveVolumes(x: Real, kernel: Real, steps: Steps, groups = 1): Real {
  const [kd, kh, kw, depth, filters] = kernel.shape as [number, number, number, number, number];
  return overVolumes(x, [kd, kh, kw], steps, filters, (places, sample, filter) => {
    const first = Math.floor((filter * groups) / filters) * depth;
    return total(
      places.flatMap(({ at, inside }) =>
        Array.from(
          { length: depth },
          (_, k) => x.at([sample, ...at, first + k]) * kernel.at([...inside, k, filter]),
        ),
      ),
    );
  });
}
