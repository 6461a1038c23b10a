import type { File, Group, h5wasm as H5wasm } from 'h5wasm';
import { type DType, newArray, type TypedArray } from '../core/dtype.js';
import { LugeError } from '../core/errors.js';
import { sizeOf } from '../core/shape.js';

/** Numbers in an HDF5 file; int64 as big integers. */
export interface Hdf5Array {
  readonly shape: readonly number[];
  readonly data: TypedArray | BigInt64Array;
}

/** What an attribute of a group holds: a text or a list of texts. */
export type Hdf5Attribute = string | readonly string[];

/** A group of an HDF5 file as a plain tree; names of members hold no '/'. */
export interface Hdf5Group {
  readonly attributes: Map<string, Hdf5Attribute>;
  readonly members: Map<string, Hdf5Group | Hdf5Array>;
}

export function isGroup(node: Hdf5Group | Hdf5Array | undefined): node is Hdf5Group {
  return node !== undefined && 'members' in node;
}

export function newGroup(attributes: Record<string, Hdf5Attribute> = {}): Hdf5Group {
  return { attributes: new Map(Object.entries(attributes)), members: new Map() };
}

/** The member at a path such as 'a/b/c', if there is one. */
export function memberAt(group: Hdf5Group, path: string): Hdf5Group | Hdf5Array | undefined {
  let node: Hdf5Group | Hdf5Array | undefined = group;
  for (const name of path.split('/')) {
    if (!isGroup(node)) return undefined;
    node = node.members.get(name);
  }
  return node;
}

/** Puts a member at a path, with the groups on the way. */
export function setMember(group: Hdf5Group, path: string, member: Hdf5Group | Hdf5Array): void {
  const names = path.split('/');
  const last = names.pop() as string;
  let node = group;
  for (const name of names) {
    const next = node.members.get(name) ?? newGroup();
    node.members.set(name, next);
    node = next as Hdf5Group;
  }
  node.members.set(last, member);
}

type Library = typeof H5wasm & { FS: FileSystem };

/** The file system in memory, the only one that the library sees. */
interface FileSystem {
  writeFile(path: string, data: Uint8Array): void;
  readFile(path: string): Uint8Array;
  unlink(path: string): void;
}

let library: Promise<Library> | undefined;

/** The HDF5 library, loaded by the first that needs it. Its entry for browsers touches no disk. */
function load(): Promise<Library> {
  library ??= import('h5wasm').then(async ({ default: h5wasm }) => {
    const module = await h5wasm.ready;
    // Errors are thrown; otherwise they would be printed and passed over.
    module.activate_throwing_error_handler();
    return Object.assign(h5wasm, { FS: module.FS as unknown as FileSystem });
  });
  return library;
}

let files = 0;

/** Runs `body` with the path of a file in memory, which is gone afterwards. */
function withFile<T>(fs: FileSystem, body: (path: string) => T): T {
  const path = `/file${files++}.h5`;
  try {
    return body(path);
  } finally {
    try {
      fs.unlink(path);
    } catch {
      // It was never made.
    }
  }
}

/** The first bytes of every HDF5 file without a user block. */
const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/**
 * The contents of an HDF5 file.
 *
 * @param name how errors call the file.
 * @throws LugeError BAD_DATA when it is not an HDF5 file, or a damaged one.
 */
export async function readHdf5(bytes: Uint8Array, name: string): Promise<Hdf5Group> {
  if (!signature.every((byte, i) => bytes[i] === byte)) {
    throw new LugeError('BAD_DATA', `'${name}' is not an HDF5 file.`);
  }
  const { File, FS } = await load();
  try {
    return withFile(FS, (path) => {
      FS.writeFile(path, bytes);
      const file = new File(path, 'r');
      try {
        return readGroup(file);
      } finally {
        file.close();
      }
    });
  } catch (error) {
    throw new LugeError(
      'BAD_DATA',
      `'${name}' is cut short or damaged: the HDF5 library cannot read it ` +
        `(${firstLine(error)}).`,
      { cause: error },
    );
  }
}

function readGroup(group: File | Group): Hdf5Group {
  const made = newGroup();
  for (const [name, { value, shape }] of Object.entries(group.attrs)) {
    // Keras writes an empty list as one of numbers.
    if (shape?.[0] === 0) made.attributes.set(name, []);
    else if (typeof value === 'string') made.attributes.set(name, value);
    else if (isTexts(value)) made.attributes.set(name, value);
  }
  for (const name of group.keys()) {
    const member = group.get(name);
    if (member === null || !('type' in member)) continue;
    if (member.type === 'Group') made.members.set(name, readGroup(member as Group));
    if (member.type !== 'Dataset' || !('shape' in member)) continue;
    const { shape, value } = member as { shape: number[] | null; value: unknown };
    if (shape === null) continue;
    const data = typeof value === 'object' ? value : [value];
    made.members.set(name, { shape, data: numbersOf(data, shape) });
  }
  return made;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

/** Numbers of any type in one of ours. */
function numbersOf(data: unknown, shape: readonly number[]): TypedArray | BigInt64Array {
  if (data instanceof BigInt64Array || data instanceof Float32Array) return data;
  if (data instanceof Int32Array || data instanceof Uint8Array) return data;
  const list = data as ArrayLike<number | bigint>;
  if (typeof list[0] === 'bigint') return BigInt64Array.from(list as ArrayLike<bigint>);
  const dtype: DType = 'float32';
  const numbers = newArray(dtype, sizeOf(shape));
  numbers.set(list as ArrayLike<number>);
  return numbers;
}

/** The bytes of an HDF5 file with those contents. */
export async function writeHdf5(root: Hdf5Group): Promise<Uint8Array> {
  const { File, FS } = await load();
  return withFile(FS, (path) => {
    const file = new File(path, 'w');
    try {
      writeGroup(file, root);
    } finally {
      file.close();
    }
    return FS.readFile(path);
  });
}

function writeGroup(group: File | Group, { attributes, members }: Hdf5Group): void {
  for (const [name, value] of attributes) writeAttribute(group, name, value);
  for (const [name, member] of members) {
    if (isGroup(member)) {
      writeGroup(group.create_group(name), member);
    } else {
      group.create_dataset({ name, data: member.data, shape: [...member.shape] });
    }
  }
}

/** What the header of an object can hold, with room for the rest of it: Keras's limit. */
const longestAttribute = 64512;

function writeAttribute(group: File | Group, name: string, value: Hdf5Attribute): void {
  if (typeof value === 'string') {
    group.create_attribute(name, value, [], 'S');
  } else if (value.length === 0) {
    group.create_attribute(name, new Float64Array(0), [0]);
  } else if (16 * value.length <= longestAttribute) {
    group.create_attribute(name, [...value], [value.length], 'S');
  } else {
    // Longer lists go into several attributes, name0, name1, ..., as Keras reads them.
    const most = Math.floor(longestAttribute / 16);
    for (let from = 0; from < value.length; from += most) {
      writeAttribute(group, `${name}${from / most}`, value.slice(from, from + most));
    }
  }
}

function firstLine(error: unknown): string {
  return String(error instanceof Error ? error.message : error).split('\n', 1)[0] as string;
}
