import type { LayerOptions } from './layer.js';

/** The names of all options that `Options` adds to those of every layer, each checked by its type. */
export function optionNames<Options extends LayerOptions>(
  names: Readonly<Record<Exclude<keyof Options, keyof LayerOptions>, true>>,
): readonly string[] {
  return Object.keys(names);
}
