import { closeSync, constants, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';

/**
 * The file of a region with its descriptor, written in place by pwrite: what a writer's mapping does, field by field.
 * Bytes beyond the end read as 0.
 */
export class RegionFile {
  readonly path: string;
  readonly created: boolean;
  #descriptor: number | undefined;
  readonly #word = Buffer.alloc(8);

  /** Creates the file with `mode`, less the umask, or opens the one that is there, as shm_open does. */
  constructor(path: string, mode: number) {
    this.path = path;
    const created = openExclusively(path, mode);
    this.created = created !== undefined;
    this.#descriptor = created ?? openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
  }

  /** Throws where the writer has closed or died. */
  get descriptor(): number {
    if (this.#descriptor === undefined) throw new Error(`${this.path}: this writer holds the region no more`);
    return this.#descriptor;
  }

  get held(): boolean {
    return this.#descriptor !== undefined;
  }

  close(): void {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  truncate(size: number): void {
    ftruncateSync(this.descriptor, size);
  }

  write(offset: number, bytes: Uint8Array): void {
    writeSync(this.descriptor, bytes, 0, bytes.length, offset);
  }

  /** What is beyond the end is 0. */
  read(offset: number, length: number): Buffer {
    const bytes = Buffer.alloc(length);
    readSync(this.descriptor, bytes, 0, length, offset);
    return bytes;
  }

  u32(offset: number): number {
    return this.#read(offset, 4).readUInt32LE();
  }

  i32(offset: number): number {
    return this.#read(offset, 4).readInt32LE();
  }

  u64(offset: number): bigint {
    return this.#read(offset, 8).readBigUInt64LE();
  }

  setU32(offset: number, value: number): void {
    this.#word.writeUInt32LE(value);
    writeSync(this.descriptor, this.#word, 0, 4, offset);
  }

  setI32(offset: number, value: number): void {
    this.#word.writeInt32LE(value);
    writeSync(this.descriptor, this.#word, 0, 4, offset);
  }

  setU64(offset: number, value: bigint): void {
    this.#word.writeBigUInt64LE(value);
    writeSync(this.descriptor, this.#word, 0, 8, offset);
  }

  #read(offset: number, length: number): Buffer {
    this.#word.fill(0);
    readSync(this.descriptor, this.#word, 0, length, offset);
    return this.#word;
  }
}

function openExclusively(path: string, mode: number): number | undefined {
  try {
    return openSync(path, constants.O_CREAT | constants.O_EXCL | constants.O_RDWR, mode);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return undefined;
    throw error;
  }
}
