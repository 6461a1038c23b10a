import { parseArgs } from 'node:util';
import { setThreads } from 'luge';

/** What an example's command line says. */
export interface Options {
  readonly epochs: number;
  /** A run for each. */
  readonly seeds: readonly number[];
  /** How many training and test samples to take. Default: all. */
  readonly samples: number;
  /** What stands beside the options, such as names of networks. */
  readonly names: readonly string[];
}

/** What an example does when not told otherwise. */
export interface Defaults {
  epochs: number;
  seeds?: string;
  /** All names that it knows, and runs when none is given. */
  names?: readonly string[];
}

/** Reads names, --epochs 20, --seeds 1,2,3, --samples 1000 and --threads 1. */
export function readOptions({ epochs, seeds = '1', names }: Defaults): Options {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      epochs: { type: 'string', default: `${epochs}` },
      seeds: { type: 'string', default: seeds },
      samples: { type: 'string', default: 'Infinity' },
      threads: { type: 'string' },
    },
  });
  if (values.threads !== undefined) setThreads(Number(values.threads));
  const unknown = names && positionals.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`No '${unknown}' here, but ${names?.join(', ')}.`);
  return {
    epochs: Number(values.epochs),
    seeds: values.seeds.split(',').map(Number),
    samples: Number(values.samples),
    names: positionals.length > 0 || !names ? positionals : names,
  };
}
