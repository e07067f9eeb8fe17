import { join } from 'node:path';
import type { FileId } from '../../src/sources/source.ts';
import type { ShmSpace } from './namespace.ts';
import type { RegionBook } from './region-book.ts';

/** A chip, and what can be known of it. */
export interface WorldChip {
  readonly chipId: bigint;
  /** TT-Metal's logical number. */
  readonly deviceId: number;
  /** On the card that everybody uses, behind it, on a card that nobody uses, or on none of this host. */
  readonly place: 'card' | 'remote' | 'unused' | 'nowhere';
}

/** The region of a chip in one /dev/shm, if there is a file at the moment. */
export interface WorldRegion {
  readonly chip: WorldChip;
  readonly space: ShmSpace;
  /** Unlike any other's. */
  readonly number: number;
  readonly path: string;
  book: RegionBook | undefined;
  file: FileId | undefined;
  /** Whether this collection can find it. `late`: it may, or some seconds later. */
  visible: 'yes' | 'late' | 'no';
  /** Through whose descriptors it could be found in the last collection, and since when. */
  shownBy: { readonly holders: string; readonly ticks: number };
}

export function worldRegion(chip: WorldChip, space: ShmSpace, number: number): WorldRegion {
  const path = join(space.folder, `tt_device_${chip.chipId}_memory`);
  return {
    chip,
    space,
    number,
    path,
    book: undefined,
    file: undefined,
    visible: 'no',
    shownBy: { holders: '', ticks: 0 },
  };
}

/** Whether TT-Metal's processes come to it: the others can only be forged. */
export function isUsed({ chip }: WorldRegion): boolean {
  return chip.place === 'card' || chip.place === 'remote';
}
