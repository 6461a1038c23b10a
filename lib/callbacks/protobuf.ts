/**
 * The wire format of Protocol Buffers, as far as events of TensorBoard need it: a message is its
 * fields one after the other, each with a number and a kind in front
 * (https://protobuf.dev/programming-guides/encoding).
 */
export type Field = Uint8Array;

const kVarint = 0;
const kDouble = 1;
const kBytes = 2;

/** A whole number of at least 0; nothing when it is 0, which is what a reader takes for missing. */
export function integerField(number: number, value: number): Field {
  return value === 0 ? Buffer.alloc(0) : Buffer.from([...key(number, kVarint), ...varint(value)]);
}

export function doubleField(number: number, value: number): Field {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return Buffer.from([...key(number, kDouble), ...bytes]);
}

/** A text, bytes, or a message inside of another: its fields. */
export function bytesField(number: number, value: string | Uint8Array | readonly Field[]): Field {
  const bytes =
    typeof value === 'string'
      ? Buffer.from(value)
      : value instanceof Uint8Array
        ? value
        : Buffer.concat(value);
  return Buffer.concat([Buffer.from([...key(number, kBytes), ...varint(bytes.length)]), bytes]);
}

function key(number: number, kind: number): number[] {
  return varint(number * 8 + kind);
}

/** Seven bits a byte, the lowest first; all bytes but the last have the highest bit set. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}
