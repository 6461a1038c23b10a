import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeFileAtomic } from '../../lib/core/write_file.js';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'luge-write-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('writeFileAtomic', () => {
  it('writes text and bytes and leaves nothing else', () => {
    writeFileAtomic(join(folder, 'a.txt'), 'käse');
    writeFileAtomic(join(folder, 'b.bin'), Uint8Array.of(1, 2));
    expect(readFileSync(join(folder, 'a.txt'), 'utf8')).toBe('käse');
    expect([...readFileSync(join(folder, 'b.bin'))]).toEqual([1, 2]);
    expect(readdirSync(folder).sort()).toEqual(['a.txt', 'b.bin']);
  });

  it('puts a new file in the place of the old one, with its mode', () => {
    const path = join(folder, 'a.txt');
    writeFileSync(path, 'old');
    chmodSync(path, 0o600);
    const before = statSync(path).ino;
    writeFileAtomic(path, 'new');
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(path).ino).not.toBe(before);
  });

  it('follows a symbolic link', () => {
    mkdirSync(join(folder, 'far'));
    writeFileSync(join(folder, 'far', 'a.txt'), 'old');
    symlinkSync(join('far', 'a.txt'), join(folder, 'link'));
    writeFileAtomic(join(folder, 'link'), 'new');
    expect(readFileSync(join(folder, 'far', 'a.txt'), 'utf8')).toBe('new');
    expect(readdirSync(folder).sort()).toEqual(['far', 'link']);
  });

  it('leaves the old file and no rest when the content cannot be written', () => {
    const path = join(folder, 'a.txt');
    writeFileSync(path, 'old');
    const bad = { length: 3 } as unknown as Uint8Array;
    expect(() => writeFileAtomic(path, bad)).toThrow(`Cannot write '${path}'`);
    expect(readFileSync(path, 'utf8')).toBe('old');
    expect(readdirSync(folder)).toEqual(['a.txt']);
  });

  it('says what is wrong with the path', () => {
    const wrong = (path: string, message: string) =>
      expect(() => writeFileAtomic(path, '')).toThrow(
        expect.objectContaining({
          code: 'BAD_ARGUMENT',
          message: expect.stringContaining(message),
        }),
      );
    writeFileSync(join(folder, 'file'), '');
    wrong(join(folder, 'none', 'a'), "none/a': its folder does not exist.");
    wrong(join(folder, 'file', 'a'), 'a part of its path is a file, not a folder.');
    wrong(folder, 'it is a folder.');
    wrong('', "needs a path, but got ''");
    wrong(join(folder, 'x'.repeat(300)), 'the name is too long.');
  });

  it.skipIf(!existsSync('/dev/null'))('does not replace a device', () => {
    expect(() => writeFileAtomic('/dev/null', '')).toThrow('it is not a regular file');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });
});
