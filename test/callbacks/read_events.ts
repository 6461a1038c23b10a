import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { record } from '../../lib/callbacks/event_file.js';

/** A value of an event file; of a histogram, its buckets one after the other. */
export interface EventValue {
  step: number;
  tag: string;
  plugin: string;
  numbers: number[];
  text: string;
}

/** The values of all event files of a folder, in order. Every checksum must be right. */
export function readEvents(folder: string): EventValue[] {
  return readdirSync(folder)
    .sort()
    .flatMap((name) => {
      const bytes = readFileSync(join(folder, name));
      const events: Message[] = [];
      for (let at = 0; at < bytes.length; ) {
        const size = Number(bytes.readBigUInt64LE(at));
        const data = bytes.subarray(at + 12, at + 12 + size);
        const whole = bytes.subarray(at, at + size + 16);
        if (!whole.equals(record(data))) throw new Error(`${name}: wrong checksum at ${at}`);
        events.push(parse(data));
        at += whole.length;
      }
      if (textOf(events[0] as Message, 3) !== 'brain.Event:2')
        throw new Error(`${name}: no version`);
      return events.slice(1).map(valueIn);
    });
}

function valueIn(event: Message): EventValue {
  const value = inner(inner(event, 5), 1);
  const tensor = inner(value, 8);
  const content = (tensor.get(4) ?? Buffer.alloc(0)) as Buffer;
  const isDouble = tensor.get(1) === 2;
  const count = content.length / (isDouble ? 8 : 4);
  return {
    step: (event.get(2) as number) ?? 0,
    tag: textOf(value, 1),
    plugin: textOf(inner(inner(value, 9), 1), 1),
    numbers: Array.from({ length: count }, (_, i) =>
      isDouble ? content.readDoubleLE(8 * i) : content.readFloatLE(4 * i),
    ),
    text: tensor.has(8) ? textOf(tensor, 8) : '',
  };
}

/** The last field of each number: a whole number, a double or bytes. */
type Message = Map<number, number | Buffer>;

function parse(bytes: Buffer): Message {
  const message: Message = new Map();
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++] as number;
      value += (byte % 128) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const number = Math.floor(key / 8);
    if (key % 8 === 0) message.set(number, varint());
    else if (key % 8 === 1) {
      message.set(number, bytes.readDoubleLE(at));
      at += 8;
    } else if (key % 8 === 2) {
      const size = varint();
      message.set(number, bytes.subarray(at, at + size));
      at += size;
    } else throw new Error(`a field of kind ${key % 8}`);
  }
  return message;
}

function inner(message: Message, field: number): Message {
  return parse(message.get(field) as Buffer);
}

function textOf(message: Message, field: number): string {
  return (message.get(field) as Buffer).toString();
}
