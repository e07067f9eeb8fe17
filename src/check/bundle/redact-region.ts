import { HEADER, NAME_BYTES, PROCESS_SLOTS } from '../../sources/shared-memory/layout.ts';
import type { RegionLayout } from '../../sources/shared-memory/layout.ts';
import { recognise } from '../../sources/shared-memory/recognise.ts';
import { slotNameAt } from '../../sources/shared-memory/slot-name.ts';
import type { Redaction } from './redaction.ts';

/** Where the tables begin in every layout: what comes before holds no text. */
const HEADER_BYTES = 88;

/** Behind the last slot of the plain layout: init_state and padding. */
const TAIL_BYTES = 40;

/**
 * A region with other names in its slots and other numbers of its chip. Of one whose layout is not known, or which no
 * writer has finished, only the header is left: nobody can say where names are in it, and none of it is used.
 */
export function redactRegion(bytes: Buffer, redaction: Redaction): Buffer {
  const redacted = Buffer.from(bytes);
  const found = recognise(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (bytes.length >= HEADER_BYTES) redactHeader(redacted, redaction);
  if (found.ok) redactSlots(redacted, found.layout, redaction);
  // The last bytes of an unfinished one say that it is.
  else redacted.fill(0, Math.min(HEADER_BYTES, bytes.length), Math.max(HEADER_BYTES, bytes.length - TAIL_BYTES));
  return redacted;
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
    bytes.fill(0, from + 4, from + 8);
  }
}
