import { hasTwoChips } from '../capacity/two-chip-boards.ts';
import type { ProcfsReading } from '../sources/procfs/types.ts';
import type { RegionReading } from '../sources/shared-memory/types.ts';
import type { Card } from '../sources/sysfs/types.ts';
import type { ChipOfCard } from './chip-ids.ts';

/**
 * Which regions of containers count: anybody can write a file that claims another tenant's memory, so one counts only
 * if a process of its mount namespace holds the chip that it claims to be of. The host's own always do.
 */
export class RegionTrust {
  readonly #procfs: ProcfsReading | undefined;
  /** Cards that may be the chip of a region whose number nothing explains. */
  readonly #unexplained: readonly Card[];
  readonly #claims: ReadonlyMap<string, ReadonlySet<bigint>>;

  constructor(
    regions: readonly RegionReading[],
    chips: ReadonlyMap<RegionReading, ChipOfCard>,
    cards: readonly Card[],
    procfs: ProcfsReading | undefined,
  ) {
    this.#procfs = procfs;
    const explained = new Set(
      [...chips].flatMap(([region, chip]) => (region.namespaces === undefined ? [chip.card] : [])),
    );
    this.#unexplained = cards.filter(
      (card) => card.driverIndex !== undefined && (!explained.has(card) || hasTwoChips(card.board)),
    );
    this.#claims = unexplainedClaims(regions, chips);
  }

  isTrusted(region: RegionReading, chip: ChipOfCard | undefined): boolean {
    if (region.namespaces === undefined) return true;
    if (chip !== undefined) return holdsCard(this.#procfs, chip.card, region.namespaces);
    return this.#holdsAllThatItMayBe(region, region.namespaces);
  }

  /**
   * A number that no card explains is one of the cards that no other number is: whoever holds all of them holds that one
   * too. Whoever claims more chips than these are has made some up.
   */
  #holdsAllThatItMayBe(region: RegionReading, namespaces: readonly number[]): boolean {
    const chips = this.#unexplained.reduce((sum, card) => sum + (hasTwoChips(card.board) ? 2 : 1), 0);
    const claims = this.#claims.get(claimant(region))?.size ?? 0;
    if (chips === 0 || claims > chips) return false;
    return this.#unexplained.every((card) => holdsCard(this.#procfs, card, namespaces));
  }
}

/** Whether a process of one of these mount namespaces has the card open. */
export function holdsCard(procfs: ProcfsReading | undefined, card: Card, namespaces: readonly number[]): boolean {
  if (procfs === undefined || card.driverIndex === undefined) return false;
  const pids = procfs.devices.get(card.driverIndex)?.byPid.keys() ?? [];
  return [...pids].some((pid) => {
    const namespace = procfs.processes.get(pid)?.mountNamespace;
    return namespace !== undefined && namespaces.includes(namespace);
  });
}

/** Those who can write a region, as a key: regions with the same are of one tenant. */
export function claimant({ namespaces = [] }: RegionReading): string {
  return namespaces.join();
}

function unexplainedClaims(
  regions: readonly RegionReading[],
  chips: ReadonlyMap<RegionReading, ChipOfCard>,
): Map<string, Set<bigint>> {
  const claims = new Map<string, Set<bigint>>();
  for (const region of regions) {
    if (region.namespaces === undefined || chips.has(region)) continue;
    const key = claimant(region);
    claims.set(key, (claims.get(key) ?? new Set()).add(region.nameId));
  }
  return claims;
}
