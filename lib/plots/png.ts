import { crc32, deflateSync } from 'node:zlib';

/** 8-bit pixels, row by row, `channels` bytes each: 1 gray, 3 RGB. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly channels: 1 | 3;
  readonly data: Uint8Array;
}

const kSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

/** A PNG file of the pixels (PNG specification, third edition: W3C 2025). */
export function encodePng({ width, height, channels, data }: Pixels): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8; // bits a channel
  header[9] = channels === 1 ? 0 : 2; // color type: grayscale or truecolor
  const rowBytes = width * channels;
  // In front of each row stands its filter: 0, none.
  const rows = Buffer.alloc((rowBytes + 1) * height);
  for (let y = 0; y < height; y++) {
    rows.set(data.subarray(y * rowBytes, (y + 1) * rowBytes), y * (rowBytes + 1) + 1);
  }
  const compressed = deflateSync(rows, { level: 9 });
  return Buffer.concat([
    kSignature,
    chunk('IHDR', header),
    chunk('IDAT', compressed),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The same with each pixel as a square of `factor` x `factor`. */
export function enlarge({ width, height, channels, data }: Pixels, factor: number): Pixels {
  const large = new Uint8Array(data.length * factor * factor);
  const rowBytes = width * channels * factor;
  for (let y = 0; y < height; y++) {
    const begin = y * factor * rowBytes;
    for (let at = 0; at < rowBytes; at++) {
      const x = Math.floor(at / (channels * factor));
      large[begin + at] = data[(y * width + x) * channels + (at % channels)] as number;
    }
    for (let copy = 1; copy < factor; copy++) {
      large.copyWithin(begin + copy * rowBytes, begin, begin + rowBytes);
    }
  }
  return { width: width * factor, height: height * factor, channels, data: large };
}

/** Length, type, content and the checksum of both. */
function chunk(type: string, content: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(content.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}
