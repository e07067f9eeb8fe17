import type { FamilySamples, SampleTable } from './sample-table.ts';

/** Bytes that are not a table of samples. */
export class SampleTableError extends Error {
  override readonly name = 'SampleTableError';
}

/** What is not a column: JSON in front of the columns. */
interface TableHead {
  readonly takenAtSeconds: number;
  readonly startedAtSeconds: number;
  readonly texts: readonly string[];
  readonly families: readonly FamilyHead[];
}

/** Name, labels a sample, samples. */
type FamilyHead = readonly [name: string, labels: number, samples: number];

const PREFIX_BYTES = 8;

/**
 * A table as bytes, little-endian as Node is everywhere: u32 length of the head, u32 of zeros, the head as JSON in
 * UTF-8, zeros up to a multiple of 8, then f64 values of all families, then u32 places of texts of all families.
 */
export function encodeSampleTable(table: SampleTable): Uint8Array {
  const { takenAtSeconds, startedAtSeconds, texts } = table;
  const families = table.families.map(({ name, labels, values }): FamilyHead => [name, labels, values.length]);
  const head: TableHead = { takenAtSeconds, startedAtSeconds, texts, families };
  const json = Buffer.from(JSON.stringify(head), 'utf8');
  const valuesAt = roundUp(PREFIX_BYTES + json.length);
  const samples = table.families.reduce((sum, { values }) => sum + values.length, 0);
  const places = table.families.reduce((sum, { textIds }) => sum + textIds.length, 0);
  const buffer = new ArrayBuffer(valuesAt + samples * 8 + places * 4);
  const bytes = new Uint8Array(buffer);
  new DataView(buffer).setUint32(0, json.length, true);
  bytes.set(json, PREFIX_BYTES);
  const values = new Float64Array(buffer, valuesAt, samples);
  const textIds = new Uint32Array(buffer, valuesAt + samples * 8, places);
  let sampleAt = 0;
  let placeAt = 0;
  for (const family of table.families) {
    values.set(family.values, sampleAt);
    textIds.set(family.textIds, placeAt);
    sampleAt += family.values.length;
    placeAt += family.textIds.length;
  }
  return bytes;
}

/** The other way round. The columns are views of one copy of the bytes. Throws SampleTableError. */
export function decodeSampleTable(bytes: Uint8Array): SampleTable {
  // A copy: what comes out of a stream may lie anywhere, a column only at a multiple of its element's size.
  const { buffer } = new Uint8Array(bytes);
  if (buffer.byteLength < PREFIX_BYTES) throw new SampleTableError('too short to be a table of samples');
  const headLength = new DataView(buffer).getUint32(0, true);
  const valuesAt = roundUp(PREFIX_BYTES + headLength);
  if (valuesAt > buffer.byteLength) throw new SampleTableError('a table of samples ends within its head');
  const head = checkHead(parseJson(new Uint8Array(buffer, PREFIX_BYTES, headLength)));
  const samples = head.families.reduce((sum, [, , count]) => sum + count, 0);
  const places = head.families.reduce((sum, [, labels, count]) => sum + labels * count, 0);
  if (buffer.byteLength !== valuesAt + samples * 8 + places * 4) {
    throw new SampleTableError('a table of samples has not as many as it says');
  }
  let valueAt = valuesAt;
  let placeAt = valuesAt + samples * 8;
  const families = head.families.map(([name, labels, count]): FamilySamples => {
    const values = new Float64Array(buffer, valueAt, count);
    const textIds = new Uint32Array(buffer, placeAt, labels * count);
    valueAt += values.byteLength;
    placeAt += textIds.byteLength;
    if (textIds.some((id) => id >= head.texts.length)) throw new SampleTableError(`${name} has a label without text`);
    return { name, labels, values, textIds };
  });
  return { ...head, families };
}

function roundUp(length: number): number {
  return Math.ceil(length / 8) * 8;
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8'));
  } catch (cause) {
    throw new SampleTableError('the head of a table of samples is not JSON', { cause });
  }
}

function checkHead(head: unknown): TableHead {
  if (typeof head === 'object' && head !== null) {
    const { takenAtSeconds, startedAtSeconds, texts, families } = head as Partial<Record<keyof TableHead, unknown>>;
    const timed = typeof takenAtSeconds === 'number' && typeof startedAtSeconds === 'number';
    if (timed && isListOf(texts, isText) && isListOf(families, isFamilyHead)) {
      return { takenAtSeconds, startedAtSeconds, texts, families };
    }
  }
  throw new SampleTableError('the head of a table of samples is not what it should be');
}

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isItem);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isFamilyHead(value: unknown): value is FamilyHead {
  if (!Array.isArray(value)) return false;
  const [name, labels, samples] = value as readonly unknown[];
  return isText(name) && isCount(labels) && isCount(samples);
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
