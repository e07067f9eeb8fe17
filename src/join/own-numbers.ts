import type { AllocationServerReading, EndedProcess } from '../sources/allocation-server/types.ts';
import type { ProcfsReading } from '../sources/procfs/types.ts';
import type { Card } from '../sources/sysfs/types.ts';
import { hasTwoChips } from './chip-ids.ts';
import type { ChipOfCard } from './chip-ids.ts';
import type { Addresses, OpenedCards, OpenedRound } from './opened-cards.ts';

/** `host`: the chip that has the number on this host. `unknown`: it cannot be told. */
export type MeantChip = ChipOfCard | 'host' | 'unknown';

/** A process of this host that reports to a server. */
interface Reporter {
  readonly start: number | undefined;
  readonly numbers: Set<number>;
}

/**
 * What processes mean by the device numbers that they report. TT-Metal numbers the chips that a process can see: in a
 * container with one of eight chips, or with TT_VISIBLE_DEVICES, that one is 0. It opens all that it sees (tt-umd:
 * pci_device.cpp, topology_discovery.cpp), so whoever has only some of the host's chips open has numbers of his own: those
 * chips in order of PCI address, and remote chips after them.
 */
export class OwnNumbers {
  /** Cards that have a number, in the order of the numbers. */
  readonly #cards: readonly Card[];
  readonly #addresses: Addresses;
  readonly #reporters: ReadonlyMap<number, Reporter>;
  readonly #round: OpenedRound;
  /** What each process has open, as far as the driver's lists could be read. */
  readonly #open: ReadonlyMap<number, readonly Card[]>;
  /** Cards whose lists could not be read. */
  readonly #unread: readonly Card[];
  readonly #meant = new Map<number, ReadonlyMap<number, MeantChip>>();

  constructor(
    cards: readonly Card[],
    procfs: ProcfsReading | undefined,
    server: AllocationServerReading,
    opened: OpenedCards,
  ) {
    this.#cards = cards.filter(({ driverIndex }) => driverIndex !== undefined);
    this.#addresses = this.#cards.map(({ pciAddress }) => pciAddress);
    this.#reporters = reportersOf(server);
    this.#round = opened.startRound();
    this.#open = cardsByHolder(this.#cards, procfs);
    this.#unread = this.#cards.filter(({ driverIndex = -1 }) => procfs?.devices.has(driverIndex) !== true);
  }

  /** The chip that a process of this host means by a number that it has reported. */
  meant(pid: number | undefined, number: number): MeantChip {
    const reporter = pid === undefined ? undefined : this.#reporters.get(pid);
    if (pid === undefined || reporter === undefined) return 'host';
    let meant = this.#meant.get(pid);
    if (meant === undefined) {
      meant = this.#find(pid, reporter);
      this.#meant.set(pid, meant);
    }
    return meant.get(number) ?? 'unknown';
  }

  /** The cards that a process may mean by a number of which that cannot be told. */
  mayMean(pid: number): readonly Card[] {
    const opened = this.#round.known(pid);
    if (opened === undefined) return [...(this.#open.get(pid) ?? []), ...this.#unread];
    return this.#cards.filter(({ pciAddress }) => opened.includes(pciAddress));
  }

  /** What one that has ended meant; its PID may be another one's by now. */
  meantByEnded({ hostPid, devices }: EndedProcess): ReadonlyMap<number, MeantChip> {
    const numbers = new Set(devices.map(({ id }) => id));
    const isAnothers = hostPid === undefined || this.#reporters.has(hostPid);
    return this.#among(isAnothers ? undefined : this.#round.hadOpened(hostPid), numbers);
  }

  #find(pid: number, { start, numbers }: Reporter): ReadonlyMap<number, MeantChip> {
    const open = this.#open.get(pid) ?? [];
    const isTold = this.#unread.length === 0;
    const opened = this.#round.opened(pid, start, isTold ? open.map(({ pciAddress }) => pciAddress) : undefined);
    if (opened === undefined && !this.#areHosts(numbers, [...open, ...this.#unread]) && open.length > 0) {
      return sameFor(numbers, 'unknown');
    }
    return this.#among(opened, numbers);
  }

  /** `opened`: what the process counts. */
  #among(opened: Addresses | undefined, numbers: ReadonlySet<number>): ReadonlyMap<number, MeantChip> {
    if (opened === undefined || opened.length === 0 || isSameList(opened, this.#addresses))
      return sameFor(numbers, 'host');
    const seen = opened.map((address) => this.#cards.find(({ pciAddress }) => pciAddress === address));
    const chips = seen.length + remoteChips(seen);
    const canBeOwn = [...numbers].every((number) => number < chips);
    // Where one has gone, the host's numbers are not what they were.
    const canBeHosts = !seen.includes(undefined) && this.#areHosts(numbers, seen);
    if (!canBeOwn) return sameFor(numbers, canBeHosts ? 'host' : 'unknown');
    const own = new Map([...numbers].map((number) => [number, chipAmong(seen, number)]));
    if (!canBeHosts) return own;
    // Both can be: where they are not the same it is not told.
    return new Map([...own].map(([number, chip]) => [number, isSame(chip, this.#cards[number]) ? 'host' : 'unknown']));
  }

  /** Whether a process with no more than these cards open can have used the host's numbers. */
  #areHosts(numbers: ReadonlySet<number>, open: readonly (Card | undefined)[]): boolean {
    const chips = this.#cards.length + remoteChips(this.#cards);
    return [...numbers].every((number) => {
      const card = this.#cards[number];
      return card === undefined ? number < chips : open.includes(card);
    });
  }
}

function remoteChips(cards: readonly (Card | undefined)[]): number {
  return cards.filter((card) => hasTwoChips(card?.board)).length;
}

function reportersOf({ devices }: AllocationServerReading): Map<number, Reporter> {
  const reporters = new Map<number, Reporter>();
  for (const { id, processes = [] } of devices) {
    for (const { hostPid, startTimeSeconds } of processes) {
      if (hostPid === undefined) continue;
      const known = reporters.get(hostPid);
      if (known === undefined) reporters.set(hostPid, { start: startTimeSeconds, numbers: new Set([id]) });
      else known.numbers.add(id);
    }
  }
  return reporters;
}

function sameFor(numbers: ReadonlySet<number>, meant: MeantChip): ReadonlyMap<number, MeantChip> {
  return new Map([...numbers].map((number) => [number, meant]));
}

/** The cards that each process has open, in their order, as far as the driver's lists could be read. */
export function cardsByHolder(
  cards: readonly Card[],
  procfs: ProcfsReading | undefined,
): ReadonlyMap<number, readonly Card[]> {
  const open = new Map<number, Card[]>();
  for (const card of cards) {
    for (const pid of procfs?.devices.get(card.driverIndex ?? -1)?.byPid.keys() ?? []) {
      const known = open.get(pid);
      if (known === undefined) open.set(pid, [card]);
      else known.push(card);
    }
  }
  return open;
}

function isSameList(one: Addresses, other: Addresses): boolean {
  return one.length === other.length && one.every((address, at) => address === other[at]);
}

/** `seen`: what the process counts; undefined: gone. */
function chipAmong(seen: readonly (Card | undefined)[], number: number): MeantChip {
  if (number < seen.length) {
    const card = seen[number];
    return card === undefined ? 'unknown' : { card, remote: false };
  }
  const [only, ...others] = seen;
  // Several remote chips come in an order that nothing here tells.
  return only === undefined || others.length > 0 ? 'unknown' : { card: only, remote: true };
}

function isSame(chip: MeantChip, card: Card | undefined): boolean {
  return typeof chip !== 'string' && !chip.remote && chip.card === card;
}
