import { hasTwoChips } from '../capacity/two-chip-boards.ts';
import type { Card } from '../sources/sysfs/types.ts';
import type { TrackedChip } from './tracked-chip.ts';

/** A device while it is being joined: its name, what it is, and what each tracker says of it. */
export interface DeviceDraft {
  readonly label: string;
  /** The function on the bus; for a remote chip the one it is reached through. */
  readonly card: Card | undefined;
  readonly remote: boolean;
  readonly logicalId: number | undefined;
  chipId: bigint | undefined;
  readonly tracked: TrackedChip[];
}

/** The devices of one snapshot by label, in the order in which they were made. */
export class DeviceDrafts {
  readonly #drafts = new Map<string, DeviceDraft>();
  readonly #cards: readonly Card[];
  /** Cards with a driver in order of PCI address: TT-Metal's logical ids 0 to k-1. */
  readonly #logical: readonly Card[];

  constructor(cards: readonly Card[]) {
    this.#cards = cards;
    this.#logical = cards.filter((card) => card.driverIndex !== undefined);
    for (const card of cards) {
      this.ofCard(card, false);
      if (hasTwoChips(card.board)) this.ofCard(card, true);
    }
  }

  values(): DeviceDraft[] {
    return [...this.#drafts.values()].sort(byPlace);
  }

  ofCard(card: Card, remote: boolean): DeviceDraft {
    const logicalId = this.#logical.indexOf(card);
    return this.#get(remote ? `${card.index}R` : `${card.index}`, card, remote, logicalId < 0 ? undefined : logicalId);
  }

  ofDriverIndex(index: number): DeviceDraft | undefined {
    const card = this.#cards.find((candidate) => candidate.driverIndex === index);
    return card === undefined ? undefined : this.ofCard(card, false);
  }

  /** A region that no card explains: its number, as 0x and 16 hex digits. */
  ofUnknownChip(id: bigint): DeviceDraft {
    const draft = this.#get(`0x${id.toString(16).padStart(16, '0')}`, undefined, false, undefined);
    draft.chipId = id;
    return draft;
  }

  /**
   * The device that a logical number certainly means: one of the chips on PCIe, or the second chip of a host that has
   * one n300 and nothing else. undefined for any other number.
   */
  ofCertainLogicalId(id: number): DeviceDraft | undefined {
    const card = this.#logical[id];
    if (card !== undefined) return this.ofCard(card, false);
    const [only] = this.#cards;
    const second = id === 1 && this.#cards.length === 1 && only !== undefined && hasTwoChips(only.board);
    return second ? this.ofCard(only, true) : undefined;
  }

  /** A logical number that nothing explains stays as it is, with an `m` where it would be taken for a PCI index. */
  ofUncertainLogicalId(id: number): DeviceDraft {
    return this.#get(id < this.#cards.length ? `m${id}` : `${id}`, undefined, false, id);
  }

  #get(label: string, card: Card | undefined, remote: boolean, logicalId: number | undefined): DeviceDraft {
    const known = this.#drafts.get(label);
    if (known !== undefined) return known;
    const draft: DeviceDraft = {
      label,
      card,
      remote,
      logicalId: remote ? undefined : logicalId,
      chipId: undefined,
      tracked: [],
    };
    this.#drafts.set(label, draft);
    return draft;
  }
}

/** Cards by index, a remote chip behind its own, then numbers of the server, then regions by id. */
function byPlace(a: DeviceDraft, b: DeviceDraft): number {
  return place(a) - place(b) || Number(a.remote) - Number(b.remote) || (a.label < b.label ? -1 : 1);
}

function place(draft: DeviceDraft): number {
  if (draft.card !== undefined) return draft.card.index;
  return draft.logicalId === undefined ? Number.MAX_SAFE_INTEGER : 1e6 + draft.logicalId;
}
