import { crc32, inflateSync } from 'node:zlib';

/** A strict reader for the PNG files that pictures embed: pixels [rows][columns][channels]. */
export function readPng(file: Uint8Array): number[][][] {
  const bytes = Buffer.from(file);
  if (bytes.toString('hex', 0, 8) !== '89504e470d0a1a0a') throw new Error('Not a PNG');
  const chunks: Record<string, Buffer> = {};
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const body = bytes.subarray(at + 4, at + 8 + length);
    if (crc32(body) !== bytes.readUInt32BE(at + 8 + length)) throw new Error('Bad checksum');
    chunks[body.toString('latin1', 0, 4)] = body.subarray(4);
    at += 12 + length;
  }
  const { IHDR: header, IDAT: data, IEND: end } = chunks;
  if (!header || !data || end?.length !== 0) throw new Error('A chunk is missing');
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  if (header[8] !== 8 || header[10] || header[11] || header[12]) throw new Error('Bad header');
  const channels = header[9] === 0 ? 1 : header[9] === 2 ? 3 : Number.NaN;
  const rows = inflateSync(data);
  const rowBytes = 1 + width * channels;
  if (rows.length !== rowBytes * height) throw new Error('Bad size');
  return Array.from({ length: height }, (_, y) => {
    if (rows[y * rowBytes] !== 0) throw new Error('Unknown filter');
    return Array.from({ length: width }, (_, x) => {
      const at = y * rowBytes + 1 + x * channels;
      return [...rows.subarray(at, at + channels)];
    });
  });
}
