import { exactNumbers } from '../../protocol/encode-document.ts';
import { SNAPSHOT_SCHEMA } from '../../protocol/snapshot-document.ts';
import type { SnapshotCopy } from './snapshot-copy.ts';
import { deviceEntry, processEntry, serverEntry } from './snapshot-entries.ts';
import type { SnapshotJob } from './types.ts';

/** The oldest reader that understands what is written here. */
const MIN_READER = 1;
/** What a step writes: some 15 processes, a fraction of a millisecond. */
const CHARACTERS_A_STEP = 8192;
/** Cores in one document, so that it stays far below what readers take. */
const MAX_CORES = 200_000;

/** Whole numbers below that many digits are exact in JSON; to replace the others costs several times the encoding. */
const MAYBE_INEXACT = /\d{16}/;

/** Writes the document of a copy, a piece a step. */
export class SnapshotWriter implements SnapshotJob {
  readonly chunks: Buffer[] = [];
  bytes = 0;
  readonly #pieces: Iterator<string>;

  constructor(copy: SnapshotCopy) {
    this.#pieces = pieces(copy);
  }

  step(): boolean {
    let text = '';
    let next = this.#pieces.next();
    while (next.done !== true) {
      text += next.value;
      if (text.length >= CHARACTERS_A_STEP) break;
      next = this.#pieces.next();
    }
    const chunk = Buffer.from(text);
    this.bytes += chunk.length;
    this.chunks.push(chunk);
    return next.done === true;
  }
}

function* pieces(copy: SnapshotCopy): Generator<string, undefined> {
  const { takenSeconds } = copy;
  yield `${open({ schema: SNAPSHOT_SCHEMA, minReader: MIN_READER, takenSeconds, server: serverEntry(copy) })},"devices":[`;
  yield* devicePieces(copy);
  yield '],"endedProcesses":[';
  yield* list(copy.ended);
  if (copy.regions !== undefined) {
    yield '],"regions":[';
    yield* list(copy.regions);
  }
  yield ']}';
}

function* devicePieces(copy: SnapshotCopy): Generator<string, undefined> {
  let coresLeft = MAX_CORES;
  for (const [place, device] of copy.devices.entries()) {
    yield `${comma(place)}${open(deviceEntry(device))},"processes":[`;
    for (const [at, holding] of device.holdings.entries()) {
      const entry = processEntry(copy, holding, coresLeft);
      coresLeft -= entry.cbCores?.length ?? 0;
      yield comma(at) + json(entry);
    }
    yield ']}';
  }
}

function* list(entries: readonly object[]): Generator<string, undefined> {
  for (const [place, entry] of entries.entries()) yield comma(place) + json(entry);
}

function comma(place: number): string {
  return place === 0 ? '' : ',';
}

/** An object whose last fields are to follow. */
function open(entry: object): string {
  return json(entry).slice(0, -1);
}

function json(entry: object): string {
  const text = JSON.stringify(entry);
  return MAYBE_INEXACT.test(text) ? JSON.stringify(entry, exactNumbers) : text;
}
