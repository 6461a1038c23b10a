import { showShape } from '../core/shape.js';
import { Variable } from '../core/variable.js';
import type { CompiledProgram } from './compile.js';
import { showMapProgram } from './map_program.js';
import type { Buffer, Ref } from './place.js';

/** A program as text: one instruction a line, with operands, where they lie, and their shapes. */
export function printProgram({ placement, memory }: CompiledProgram): string {
  const kept = new Map<Buffer, number>();
  const keptNumber = (buffer: Buffer) => {
    const number = kept.get(buffer) ?? kept.size;
    kept.set(buffer, number);
    return number;
  };
  const show = ({ base, byteOffset, shape, dtype }: Ref): string => {
    const place =
      base instanceof Variable
        ? `${base.name}+${byteOffset}`
        : base.kept
          ? `kept${keptNumber(base)}+${byteOffset}`
          : `@${(memory.offsets.get(base) as number) + byteOffset}`;
    return `${place} ${dtype}${showShape(shape)}`;
  };
  const lines = placement.instructions.map(({ op, inputs, outputs, program, scope }, i) => {
    const code = program === undefined ? '' : `  { ${showMapProgram(program)} }`;
    const from = scope === '' ? '' : `  # ${scope}`;
    return `${String(i).padStart(4)}  ${outputs.map(show).join(', ')} = ${op}(${inputs.map(show).join(', ')})${code}${from}`;
  });
  return [
    `${placement.instructions.length} instructions, arena ${memory.arenaBytes} bytes`,
    ...(placement.prologue === 0
      ? []
      : [
          `the first ${placement.prologue} only when a weight has changed; ${memory.keptBytes} bytes kept`,
        ]),
    ...placement.feeds.map((ref, i) => `feed ${i}: ${show(ref)}`),
    ...lines,
    ...placement.results.map((ref, i) => `result ${i}: ${show(ref)}`),
  ].join('\n');
}
