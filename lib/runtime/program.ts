import { type CompiledProgram, type CompileOptions, compile } from '../compile/compile.js';
import { printProgram } from '../compile/print.js';
import { newArray, type TypedArray } from '../core/dtype.js';
import { type Store, Variable } from '../core/variable.js';
import type { Graph, Spec } from '../graph/ir.js';
import { addon, type NativeProgram, type NativeRun, native, translate } from './addon.js';
import { keptStore } from './kept_stores.js';

export interface RunOptions {
  /** How many steps to run one after the other. */
  steps: number;
  /** The number of the first step; random operations differ from step to step. Default 0. */
  firstStep?: number;
  /** Seed of the random operations. Default 0. */
  seed?: number;
  /**
   * In the order of `graph.feeds`. Step s takes the s-th block of an array, or for an indexed feed
   * the rows that `indices` names.
   */
  feeds: readonly TypedArray[];
  /** Rows for indexed feeds: the batch size for each step. By default they take blocks as well. */
  indices?: Int32Array;
  /** In the order of `graph.results`; step s is written at block s. An empty array is not written. */
  results?: readonly TypedArray[];
  /** Check that no instruction writes outside its tensors (slow; for tests). Default false. */
  guard?: boolean;
}

/** Time spent in one instruction, over all steps since tracing began. */
export interface TraceRow {
  /** The instruction. */
  readonly op: string;
  /** The layer that asked for it. */
  readonly scope: string;
  /** How many times it ran. */
  readonly count: number;
  /** The time of all runs together. */
  readonly nanoseconds: number;
  /** Shapes of its inputs. */
  readonly inputs: readonly Spec[];
  /** Shapes of its outputs. */
  readonly outputs: readonly Spec[];
}

/** A graph compiled and loaded: whole steps, run on the compute thread. */
export class Program {
  private readonly compiled: CompiledProgram;
  /** Held, so that other programs can share what is kept. */
  private readonly stores: readonly Store[];
  private readonly loaded: NativeProgram;

  /** @throws LugeError BAD_PROGRAM when the native validator refuses it, OUT_OF_MEMORY. */
  constructor(graph: Graph, options: CompileOptions = {}) {
    const { ops, Store, Program: Native } = addon();
    const opcodes = new Map(ops.map(({ name }, opcode) => [name, opcode]));
    this.compiled = compile(graph, opcodes, options);
    const { blob, stores } = this.compiled;
    const create = (bytes: number) => new Store(bytes);
    this.stores = native(() =>
      stores.map((store) =>
        store instanceof Variable ? store.storeIn(create) : keptStore(store, create),
      ),
    );
    this.loaded = native(() => new Native(blob, this.stores));
  }

  /** Bytes that a step needs beside the weights: planned tensors, workspace, what is kept of weights. */
  get memoryBytes(): number {
    return this.loaded.arenaBytes + this.loaded.workspaceBytes + this.compiled.memory.keptBytes;
  }

  /** Runs steps off the event loop; resolves with the number done (fewer after `cancel`). */
  async run(options: RunOptions): Promise<number> {
    try {
      return await this.loaded.run(this.complete(options));
    } catch (error) {
      throw translate(error);
    }
  }

  /** Runs steps and waits for them. */
  runSync(options: RunOptions): number {
    return native(() => this.loaded.runSync(this.complete(options)));
  }

  /** Stops every run of this program, also queued ones, before its next step. */
  cancel(): void {
    this.loaded.cancel();
  }

  /** Without results, none is written. */
  private complete(options: RunOptions): NativeRun {
    const unwanted = this.compiled.placement.results.map(({ dtype }) => newArray(dtype, 0));
    return { firstStep: 0, seed: 0, results: unwanted, ...options };
  }

  /** The instructions as text. */
  print(): string {
    return printProgram(this.compiled);
  }

  /** Starts (or stops) measuring the time of each instruction. */
  trace(enable = true): void {
    this.loaded.trace(enable);
  }

  traceReport(): TraceRow[] {
    const { instructions } = this.compiled.placement;
    return this.loaded.traceReport().map((row, i) => {
      const { scope = '', inputs = [], outputs = [] } = instructions[i] ?? {};
      return { ...row, scope, inputs: inputs.map(specOf), outputs: outputs.map(specOf) };
    });
  }
}

function specOf({ shape, dtype }: Spec): Spec {
  return { shape, dtype };
}
