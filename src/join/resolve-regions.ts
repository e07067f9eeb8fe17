import { fileKey } from '../sources/source.ts';
import type { ProcfsReading } from '../sources/procfs/types.ts';
import type { RegionReading } from '../sources/shared-memory/types.ts';
import type { Card } from '../sources/sysfs/types.ts';
import { chipsByUniqueId } from './chip-ids.ts';
import type { ChipOfCard } from './chip-ids.ts';
import { claimant, holdsCard } from './region-trust.ts';

/** Of a process that holds regions of more than one chip. */
const SEVERAL = 'several';

/** The chip of each region; a region that is not in the map is of a chip that cannot be told. */
export function resolveRegions(
  regions: readonly RegionReading[],
  cards: readonly Card[],
  procfs: ProcfsReading | undefined,
): ReadonlyMap<RegionReading, ChipOfCard> {
  const byId = chipsByUniqueId(cards);
  const resolved = new Map<RegionReading, ChipOfCard>();
  for (const region of regions) {
    const chip = byId.get(region.nameId);
    if (chip !== undefined) resolved.set(region, chip);
  }
  if (procfs === undefined) return resolved;
  const own = regions.filter(({ namespaces }) => namespaces === undefined);
  resolveByHolders(own, cards, procfs, takenCards(resolved), resolved);
  resolvePrivate(regions, cards, procfs, resolved);
  return resolved;
}

/**
 * Regions of containers, after those of the host: what a tenant shows must move nobody else's numbers. Where the host's
 * regions do not say what a number is, each tenant's own processes say it for that tenant's regions; for others only
 * where these hold the card.
 */
function resolvePrivate(
  regions: readonly RegionReading[],
  cards: readonly Card[],
  procfs: ProcfsReading,
  resolved: Map<RegionReading, ChipOfCard>,
): void {
  const byHost = new Map<bigint, ChipOfCard>();
  const byTenant = new Map<string, RegionReading[]>();
  for (const region of regions) {
    const chip = resolved.get(region);
    if (region.namespaces === undefined) {
      if (chip !== undefined) byHost.set(region.nameId, chip);
    } else {
      const key = claimant(region);
      byTenant.set(key, [...(byTenant.get(key) ?? []), region]);
    }
  }
  const taken = takenCards(resolved);
  const told = new Map<RegionReading, ChipOfCard>();
  for (const tenant of byTenant.values()) {
    resolveByHolders(tenant, cards, procfs, taken, told);
  }
  for (const region of [...byTenant.values()].flat()) {
    const chip = byHost.get(region.nameId) ?? told.get(region) ?? chipOfOthers(region, told, procfs);
    if (chip !== undefined && !resolved.has(region)) resolved.set(region, chip);
  }
}

/** The same number is the same chip: what other tenants' processes tell, where they agree and this one holds the card. */
function chipOfOthers(
  { nameId, namespaces = [] }: RegionReading,
  told: ReadonlyMap<RegionReading, ChipOfCard>,
  procfs: ProcfsReading,
): ChipOfCard | undefined {
  const chips = [...told].flatMap(([other, chip]) => (other.nameId === nameId ? [chip] : []));
  const held = chips.filter(({ card }) => holdsCard(procfs, card, namespaces));
  const [chip] = held;
  return held.every(({ card }) => card === chip?.card) ? chip : undefined;
}

function takenCards(resolved: ReadonlyMap<RegionReading, ChipOfCard>): Set<Card> {
  return new Set([...resolved.values()].filter((chip) => !chip.remote).map((chip) => chip.card));
}

/**
 * A process that holds one region and exactly one device has told which chip the region is of. All such processes of a
 * region must agree, and no other region may have been found to be that chip's under another number: `taken`.
 */
function resolveByHolders(
  regions: readonly RegionReading[],
  cards: readonly Card[],
  procfs: ProcfsReading,
  taken: ReadonlySet<Card>,
  resolved: Map<RegionReading, ChipOfCard>,
): void {
  const evidence = new Map<bigint, Set<Card>>();
  chipIdsByHolder(regions, procfs).forEach((id, pid) => {
    if (id === SEVERAL) return;
    const [card, ...others] = cards.filter((candidate) => isHeldBy(procfs, candidate, pid));
    if (card === undefined || others.length > 0) return;
    evidence.set(id, (evidence.get(id) ?? new Set()).add(card));
  });
  for (const region of regions) {
    const proven = evidence.get(region.nameId);
    const [card] = proven ?? [];
    if (resolved.has(region) || proven?.size !== 1 || card === undefined || taken.has(card)) continue;
    if (claimedTwice(evidence, card)) continue;
    resolved.set(region, { card, remote: false });
  }
}

/** The one number among the regions that a process holds. */
function chipIdsByHolder(
  regions: readonly RegionReading[],
  procfs: ProcfsReading,
): Map<number, bigint | typeof SEVERAL> {
  const ids = new Map<number, bigint | typeof SEVERAL>();
  for (const { file, nameId } of regions) {
    const holders = file === undefined ? undefined : procfs.files.get(fileKey(file));
    for (const pid of holders?.pids ?? []) {
      const known = ids.get(pid);
      if (known === undefined) ids.set(pid, nameId);
      else if (known !== nameId) ids.set(pid, SEVERAL);
    }
  }
  return ids;
}

function isHeldBy(procfs: ProcfsReading, card: Card, pid: number): boolean {
  return card.driverIndex !== undefined && procfs.devices.get(card.driverIndex)?.byPid.has(pid) === true;
}

function claimedTwice(evidence: ReadonlyMap<bigint, ReadonlySet<Card>>, card: Card): boolean {
  let claims = 0;
  for (const cards of evidence.values()) if (cards.has(card)) claims++;
  return claims > 1;
}
