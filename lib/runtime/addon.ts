import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { TypedArray } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import type { Store } from '../core/variable.js';
import type { NativeSignature } from '../graph/ir.js';
import type { VmathFunction } from '../ops/vmath.js';
import { checkContract } from './contract.js';

/** One call of a program: see `Program.run`. */
export interface NativeRun {
  steps: number;
  firstStep: number;
  seed: number;
  feeds: readonly TypedArray[];
  indices?: Int32Array;
  results: readonly TypedArray[];
  guard?: boolean;
}

export interface NativeProgram {
  readonly arenaBytes: number;
  readonly workspaceBytes: number;
  run(options: NativeRun): Promise<number>;
  runSync(options: NativeRun): number;
  cancel(): void;
  trace(enable: boolean): void;
  traceReport(): { op: string; count: number; nanoseconds: number }[];
}

export interface BackendInfo {
  /** The BLAS library and how it was built. */
  readonly blas: string;
  /** The processor that BLAS chose its kernels for. */
  readonly blasCore: string;
  /** The instruction set of the vector kernels. */
  readonly simd: string;
  /** How many threads compute. */
  readonly threads: number;
  /** Processors of the machine. */
  readonly cores: number;
}

/** What native/addon/module.cc exports. */
export interface Addon {
  readonly ops: readonly (NativeSignature & { name: string })[];
  readonly functions: readonly VmathFunction[];
  readonly Store: new (bytes: number) => Store;
  readonly Program: new (blob: Uint32Array, stores: readonly Store[]) => NativeProgram;
  backendInfo(): BackendInfo;
  setThreads(count: number): void;
  threads(): number;
  measureLimits(milliseconds: number): { fma: number; blas: number };
}

let loaded: Addon | undefined;

/** The native part, loaded at first use: a prebuilt binary, or the one that was built here. */
export function addon(): Addon {
  if (loaded === undefined) {
    loaded = load();
    checkContract(loaded);
  }
  return loaded;
}

function load(): Addon {
  const require = createRequire(import.meta.url);
  try {
    return require('node-gyp-build')(packageRoot()) as Addon;
  } catch (cause) {
    throw new LugeError(
      'NATIVE',
      `The native part of luge could not be loaded (${(cause as Error).message.split('\n')[0]}). ` +
        `There is no prebuilt binary for ${process.platform}-${process.arch}, or it does not fit; ` +
        'in a checkout of luge, build it with: bash scripts/setup.sh',
      { cause },
    );
  }
}

/** The folder of package.json: above lib/runtime for the sources, above dist for the bundle. */
function packageRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, 'package.json')) && folder !== dirname(folder)) {
    folder = dirname(folder);
  }
  return folder;
}

/** Runs a native call and turns its errors into LugeErrors. */
export function native<T>(call: () => T): T {
  try {
    return call();
  } catch (error) {
    throw translate(error);
  }
}

export function translate(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof LugeError) return error;
  const code = (error as { code?: string }).code;
  const known = ['BAD_PROGRAM', 'BAD_ARGUMENT', 'OUT_OF_MEMORY', 'ABORTED', 'NATIVE'] as const;
  const match = known.find((name) => name === code);
  return match === undefined ? error : new LugeError(match, error.message, { cause: error });
}
