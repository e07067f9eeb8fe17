/*
 * Archives of plain files in the format that every tar reads (POSIX.1-1988 ustar): for each file a header of 512 bytes,
 * then its bytes, filled up to a multiple of 512; two empty blocks at the end. Nothing else is written, and nothing else
 * is taken: no link, no folder, no device.
 */

const BLOCK = 512;
const PLAIN_FILE = '0';

/** Offset and length of the header's fields that are used. */
const FIELD = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  magic: [257, 6],
  version: [263, 2],
  prefix: [345, 155],
} as const satisfies Record<string, readonly [offset: number, length: number]>;
type Field = keyof typeof FIELD;

/** What an archive may hold, so that a hostile one costs nothing. */
export interface TarLimits {
  readonly files: number;
  /** Of one file. */
  readonly bytes: number;
}

/** An archive that is not one of ours. The message is one line. */
export class TarError extends Error {
  override readonly name = 'TarError';
}

/**
 * A path that stays where it is unpacked: relative, of visible ASCII, no `.` and no `..` among its parts, and of a length
 * that fits into a header.
 */
export function isSafePath(path: string): boolean {
  if (!/^[\x21-\x7e]+$/.test(path) || path.includes('\\') || path.length > 250) return false;
  return path.split('/').every((part) => part !== '' && part !== '.' && part !== '..');
}

/** The archive of these files, by path. `seconds`: when they were made, since the epoch. Throws TarError for a path that is not safe. */
export function packTar(files: ReadonlyMap<string, Buffer>, seconds: number): Buffer {
  const parts: Buffer[] = [];
  for (const [path, bytes] of files) {
    parts.push(header(path, bytes.length, Math.floor(seconds)), bytes, Buffer.alloc(padding(bytes.length)));
  }
  return Buffer.concat([...parts, Buffer.alloc(2 * BLOCK)]);
}

function header(path: string, size: number, seconds: number): Buffer {
  const block = Buffer.alloc(BLOCK);
  const put = (field: Field, text: string): void => {
    block.write(text, FIELD[field][0], FIELD[field][1], 'latin1');
  };
  const [prefix, name] = splitPath(path);
  put('name', name);
  put('prefix', prefix);
  put('mode', '0000644');
  put('uid', '0000000');
  put('gid', '0000000');
  put('size', octal(size, 11));
  put('mtime', octal(seconds, 11));
  put('type', PLAIN_FILE);
  put('magic', 'ustar');
  put('version', '00');
  put('checksum', `${octal(checksum(block), 6)}\0 `);
  return block;
}

/** The name's field is short: of a long path the first folders go into another one. */
function splitPath(path: string): readonly [prefix: string, name: string] {
  if (!isSafePath(path)) throw new TarError(`"${path}" is no path that can be packed`);
  if (path.length <= FIELD.name[1]) return ['', path];
  const at = path.indexOf('/', path.length - FIELD.name[1] - 1);
  if (at < 0 || at > FIELD.prefix[1]) throw new TarError(`"${path}" is too long to be packed`);
  return [path.slice(0, at), path.slice(at + 1)];
}

/** The files of an archive, by path. Throws TarError where it is none, or has anything but plain files at safe paths. */
export function unpackTar(archive: Buffer, limits: TarLimits): Map<string, Buffer> {
  const files = new Map<string, Buffer>();
  for (let at = 0; ;) {
    const block = archive.subarray(at, at + BLOCK);
    if (block.length < BLOCK) throw new TarError('the archive is cut short');
    if (block.every((byte) => byte === 0)) return files;
    const { path, size } = readHeader(block);
    if (size > limits.bytes) throw new TarError(`"${path}" has ${size} bytes, where ${limits.bytes} are the most`);
    if (files.has(path)) throw new TarError(`"${path}" is there twice`);
    if (files.size === limits.files) throw new TarError(`it has more than ${limits.files} files`);
    const from = at + BLOCK;
    at = from + size + padding(size);
    if (at > archive.length) throw new TarError('the archive is cut short');
    files.set(path, archive.subarray(from, from + size));
  }
}

function readHeader(block: Buffer): { readonly path: string; readonly size: number } {
  const get = (field: Field): string => {
    const [offset, length] = FIELD[field];
    const text = block.toString('latin1', offset, offset + length);
    const end = text.indexOf('\0');
    return end < 0 ? text : text.slice(0, end);
  };
  if (get('magic') !== 'ustar' || Number.parseInt(get('checksum'), 8) !== checksum(block)) {
    throw new TarError('it is no tar archive of the format ustar');
  }
  const prefix = get('prefix');
  const path = prefix === '' ? get('name') : `${prefix}/${get('name')}`;
  const shown = JSON.stringify(path);
  if (!isSafePath(path)) throw new TarError(`${shown} is a path that could lead elsewhere`);
  if (get('type') !== PLAIN_FILE) throw new TarError(`${shown} is no plain file`);
  const size = get('size').trim();
  if (!/^[0-7]{1,11}$/.test(size)) throw new TarError(`${shown} has no size`);
  return { path, size: Number.parseInt(size, 8) };
}

/** Of all bytes, with blanks in place of itself. */
function checksum(block: Buffer): number {
  const [offset, length] = FIELD.checksum;
  return block.reduce((sum, byte, index) => sum + (index >= offset && index < offset + length ? 0x20 : byte), 0);
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
