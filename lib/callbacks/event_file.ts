import { appendFileSync, mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { LugeError } from '../core/errors.js';
import { diskProblem } from '../core/write_file.js';
import { type SummaryValue, summaryEvent, versionEvent } from './event_messages.js';

let files = 0;

/**
 * A file of events as TensorBoard reads them. It is made, with its folder, when the first values are
 * written, and open only while something is written.
 */
export class EventFile {
  private readonly folder: string;
  private path: string | undefined;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** Adds values of a step. Throws IO when they cannot be written. */
  write(step: number, values: readonly SummaryValue[]): void {
    const now = Date.now() / 1000;
    const events = values.map((value) => summaryEvent(now, step, [value]));
    try {
      if (this.path === undefined) {
        mkdirSync(this.folder, { recursive: true });
        const name = `events.out.tfevents.${Math.floor(now)}.${hostname()}.${process.pid}.${files++}.v2`;
        this.path = join(this.folder, name);
        events.unshift(versionEvent(now));
      }
      appendFileSync(this.path, Buffer.concat(events.map(record)));
    } catch (error) {
      throw new LugeError(
        'IO',
        `TensorBoard cannot write to '${this.folder}': ${diskProblem(error)}.`,
        { cause: error },
      );
    }
  }
}

/** TensorFlow's TFRecord: the length and its checksum, the data and its checksum. */
export function record(data: Uint8Array): Uint8Array {
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(data.length));
  head.writeUInt32LE(maskedChecksum(head.subarray(0, 8)), 8);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(maskedChecksum(data));
  return Buffer.concat([head, data, tail]);
}

/** The checksum turned and moved, so that one of data that holds checksums is not trivial. */
function maskedChecksum(data: Uint8Array): number {
  const crc = crc32c(data);
  return (((crc >>> 15) | (crc << 17)) + 0xa282ead8) >>> 0;
}

/** CRC-32C (Castagnoli) for each value of a byte. */
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
  return crc;
});

/** The CRC-32C of bytes (RFC 3720, appendix B.4). */
export function crc32c(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] as number);
  return (crc ^ 0xffffffff) >>> 0;
}
