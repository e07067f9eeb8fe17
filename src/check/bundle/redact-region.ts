import { HEADER, INIT_STATE, NAME_BYTES, PROCESS_SLOTS, SLOT } from '../../sources/shared-memory/layout.ts';
import type { RegionLayout } from '../../sources/shared-memory/layout.ts';
import { recognise } from '../../sources/shared-memory/recognise.ts';
import { slotNameAt } from '../../sources/shared-memory/slot-name.ts';
import type { Redaction } from './redaction.ts';

/** Where the tables begin in every layout: what comes before holds no text. */
const HEADER_BYTES = 88;
const WORD_BYTES = 4;

/**
 * A region with other names in its slots and other numbers of its chip. Of one whose layout is not known, or which no
 * writer has finished, only the header and the word that says so are left: nobody can say where names are in it, and none
 * of it is used.
 */
export function redactRegion(bytes: Buffer, redaction: Redaction): Buffer {
  const found = recognise(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const redacted = found.ok ? Buffer.from(bytes) : withoutTables(bytes);
  if (bytes.length >= HEADER_BYTES) redactHeader(redacted, redaction);
  if (found.ok) redactSlots(redacted, found.layout, redaction);
  return redacted;
}

function withoutTables(bytes: Buffer): Buffer {
  const left = Buffer.alloc(bytes.length);
  bytes.copy(left, 0, 0, bytes.length < HEADER_BYTES ? WORD_BYTES : HEADER_BYTES);
  if (bytes.length > INIT_STATE) bytes.copy(left, INIT_STATE, INIT_STATE, INIT_STATE + WORD_BYTES);
  return left;
}

function redactHeader(bytes: Buffer, { chips }: Redaction): void {
  // In version 1 the one is the board's serial, and the other a small number.
  const serial = bytes.readBigUInt64LE(HEADER.boardSerial);
  bytes.writeBigUInt64LE(chips.serial(serial), HEADER.boardSerial);
  bytes.writeBigUInt64LE(chips.chip(bytes.readBigUInt64LE(HEADER.asicId)), HEADER.asicId);
}

/** Padding may hold what was in memory before. */
function redactSlots(bytes: Buffer, layout: RegionLayout, { names }: Redaction): void {
  for (let slot = 0; slot < PROCESS_SLOTS; slot++) {
    const from = layout.slots + slot * layout.slotStride;
    const name = slotNameAt(bytes, from + layout.slotName);
    bytes.fill(0, from + layout.slotName, from + layout.slotName + NAME_BYTES);
    bytes.write(names.name('process', name), from + layout.slotName, 'latin1');
    bytes.fill(0, from + SLOT.padding, from + SLOT.counters);
  }
}
