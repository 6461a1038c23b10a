import { newArray } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { nextSeed } from '../core/random.js';
import { type Shape, showShape } from '../core/shape.js';
import { Tensor } from '../core/tensor.js';
import { Graph } from '../graph/ir.js';
import { type ArrayLikeData, toTensor } from '../models/model_data.js';
import { augment as change } from '../ops/augment.js';
import { type AugmentOptions, augmentSettings } from '../ops/augment_options.js';
import { withGraph } from '../ops/define.js';
import { Program } from '../runtime/program.js';
import { Rows } from './rows.js';
import type { Source } from './stages.js';

/** Images of a step: enough to share out, and few enough that a step of training need not wait long. */
const kBlock = 256;

/**
 * Random copies of images, made natively and off the event loop; see `AugmentOptions` for what can be
 * changed. Of one seed, the copies are the same with any number of threads.
 *
 * @param x [n, rows, columns, channels], float32 or uint8; the copies are of the same kind.
 * @throws LugeError BAD_SHAPE, BAD_ARGUMENT, UNKNOWN_NAME.
 *
 * @example
 * ```ts
 * const images = tensor(new Uint8Array(3 * 28 * 28), [3, 28, 28, 1]);
 * const copies = await data.augment(images, { rotation: 10, zoom: 0.1, seed: 1 });
 * [copies.shape, copies.dtype]; // => [[3, 28, 28, 1], "uint8"]
 * ```
 */
export async function augment(x: ArrayLikeData, options: AugmentOptions = {}): Promise<Tensor> {
  const { seed } = augmentSettings('augment', options);
  return new Augmenter(options).run(toTensor('augment: x', x), seed ?? nextSeed(), 0);
}

/** Changes batch after batch of images. */
export class Augmenter {
  private readonly options: AugmentOptions;
  private readonly programs = new Map<string, Program>();

  constructor(options: AugmentOptions) {
    augmentSettings('augment', options);
    this.options = { ...options };
    // The seed is that of the run; within a program each thing that is drawn has a stream of its own.
    delete this.options.seed;
  }

  /** Copies of images [n, h, w, c]; block b of them draws the numbers of step `step + b`. */
  async run(images: Tensor, seed: number, step: number): Promise<Tensor> {
    const [n = 0, ...image] = images.shape;
    if (images.rank !== 4 || images.size === 0) {
      throw new LugeError(
        'BAD_SHAPE',
        `augment: images must be [n, rows, columns, channels], but got ${showShape(images.shape)}. Grey ` +
          'images take an axis of size 1 for the channel.',
      );
    }
    const out = new Tensor(newArray(images.dtype, images.size), images.shape);
    for (let from = 0; from < n; ) {
      const count = n - from >= kBlock ? kBlock : n - from;
      const steps = Math.floor((n - from) / count);
      const to = from + steps * count;
      await this.program([count, ...image], images).run({
        steps,
        seed,
        firstStep: step + from / kBlock,
        feeds: [images.rows(from, to).data],
        results: [out.rows(from, to).data],
      });
      from = to;
    }
    return out;
  }

  private program(shape: Shape, { dtype }: Tensor): Program {
    const key = `${dtype}[${shape}]`;
    let found = this.programs.get(key);
    if (found === undefined) {
      const graph = new Graph();
      graph.result(withGraph(graph, () => change(graph.feed({ shape, dtype }), this.options)));
      found = new Program(graph);
      this.programs.set(key, found);
    }
    return found;
  }
}

/** Copies of the x of each element, other ones in each pass. */
export function augmented(source: Source, options: AugmentOptions): Source {
  const augmenter = new Augmenter(options);
  const seed = options.seed ?? nextSeed();
  let step = 0;

  async function* open(): AsyncGenerator<Rows, void, void> {
    for await (const piece of source.open()) {
      const most = source.holds === 'batches' ? piece.count : kBlock;
      for (let from = 0; from < piece.count; from += most) {
        const part = piece.slice(from, Math.min(piece.count, from + most));
        const first = step;
        step += Math.ceil(part.count / kBlock);
        yield await withCopies(part, (images) => augmenter.run(images, seed, first));
      }
    }
  }
  return { ...source, open };
}

async function withCopies(part: Rows, copy: (images: Tensor) => Promise<Tensor>): Promise<Rows> {
  const { x, ...rest } = part.element;
  if (!(x instanceof Tensor)) {
    throw new LugeError(
      'BAD_DATA',
      'augment: x must be one tensor of images; for a list or a record of inputs use map with ' +
        'data.augment.',
    );
  }
  // A batch that a generator gave as one element has one more axis in front.
  const images = x.rank === 5 ? x.reshape(x.shape.slice(1)) : x;
  const copies = (await copy(images)).reshape(x.shape);
  return new Rows('augment', { x: copies, ...rest });
}
