import type { Graph, Value } from '../graph/ir.js';
import { broadcastOp } from '../ops/broadcast.js';
import { nativeOps } from '../ops/native.js';
import { chooseConvolutions, winograd } from './choose_convolutions.js';
import { type EncodedProgram, encode } from './encode.js';
import { foldBatchNorm } from './fold_batch_norm.js';
import { fuse } from './fuse.js';
import { hoist } from './hoist.js';
import { linearize } from './linearize.js';
import { packWeights } from './pack_weights.js';
import { type Placement, place } from './place.js';
import { type MemoryPlan, planMemory } from './plan_memory.js';
import { poolConvolutions } from './pool_convolutions.js';
import { poolGradients } from './pool_gradients.js';
import { rootOf } from './views.js';

export interface CompileOptions {
  /** Put element-wise chains, epilogues, and poolings of convolutions together (default true). */
  fuse?: boolean;
  /** Move what scales a product's channels into its weights (default true). */
  fold?: boolean;
  /** Let values that are not needed at the same time share memory (default true). */
  plan?: boolean;
  /** Use Winograd's convolutions where they take less time (default: as `setWinograd` says). */
  winograd?: boolean;
}

export interface CompiledProgram extends EncodedProgram {
  readonly placement: Placement;
  readonly memory: MemoryPlan;
}

/**
 * A graph as a program: fold, choose algorithms, pool, fuse, linearize, hoist, place, plan memory,
 * encode.
 *
 * @param opcodes the number of each native operation, as the addon counts them.
 */
export function compile(
  whole: Graph,
  opcodes: ReadonlyMap<string, number>,
  options: CompileOptions = {},
): CompiledProgram {
  settleOutputs(whole);
  const folded = (options.fold ?? true) ? foldBatchNorm(whole) : whole;
  const filtering = options.winograd ?? winograd();
  const choose = (graph: Graph, kernel: 3 | 5) =>
    filtering ? chooseConvolutions(graph, kernel) : graph;
  const fusing = options.fuse ?? true;
  const gradients = poolGradients(choose(folded, 3));
  const pooled = poolConvolutions(gradients, { winograd: filtering, fuse: fusing });
  const packed = fusing ? packWeights(pooled) : pooled;
  const graph = choose(packed, 5); // those that are left: together with a pooling they are faster
  const units = linearize(fuse(graph, fusing));
  const placement = place(graph, hoist(graph, units));
  const memory = planMemory(placement, options.plan ?? true);
  return { placement, memory, ...encode(placement, memory, graph.feeds, opcodes) };
}

/** Results and updates that are leaves, or one value twice, get copies of their own. */
function settleOutputs(graph: Graph): void {
  const copyOf = (value: Value): Value =>
    rootOf(value).node.op.kind === 'leaf'
      ? graph.add(broadcastOp, [value], { shape: value.shape }).output
      : value;
  graph.results.splice(0, graph.results.length, ...graph.results.map(copyOf));
  graph.updates.splice(
    0,
    graph.updates.length,
    ...graph.updates.map(({ variable, value }) => ({ variable, value: copyOf(value) })),
  );
}

/** The native operations that lib/ops declares and those that only lowering makes. */
export function declaredOps(): Map<string, { inputs: string; outputs: string; attrs: string }> {
  const declared = new Map([
    ['map', { inputs: 'operands...', outputs: 'outputs...', attrs: 'program...' }],
    ['copy', { inputs: 'x', outputs: 'y', attrs: '' }],
    [
      'matmul_map',
      { inputs: 'a b operands...', outputs: 'outputs...', attrs: 'trans_a trans_b program...' },
    ],
  ]);
  for (const { name, signature } of nativeOps.values()) declared.set(name, signature);
  return declared;
}
