import { hasTwoChips } from '../capacity/two-chip-boards.ts';
import type { AllocationServerReading, EndedProcess } from '../sources/allocation-server/types.ts';
import type { ProcfsReading } from '../sources/procfs/types.ts';
import type { Card } from '../sources/sysfs/types.ts';
import type { ChipOfCard } from './chip-ids.ts';
import type { OpenedCards } from './opened-cards.ts';

/** `host`: the chip that has the number on this host. `unknown`: it cannot be told. */
export type MeantChip = ChipOfCard | 'host' | 'unknown';

/** By the number that is reported. */
type MeantChips = ReadonlyMap<number, MeantChip>;

/** What a process may count: cards in order of PCI address; undefined: one that has gone. */
type Counted = readonly (Card | undefined)[];

/** A process of this host that reports to a server. */
interface Reporter {
  readonly start: number | undefined;
  readonly numbers: Set<number>;
}

/** Somebody who has no card open and is older reports for others, or over a descriptor of a parent. */
const YOUNG_SECONDS = 60;
/** With more cards that a process may have or not there are too many ways in which it could count. */
const MOST_DOUBTFUL = 5;

/**
 * What processes mean by the device numbers that they report. TT-Metal numbers the chips that a process can see: in a
 * container with one of eight chips, or with TT_VISIBLE_DEVICES, that one is 0. It opens all that it sees (tt-umd:
 * pci_device.cpp, topology_discovery.cpp), so whoever has only some of the host's chips open has numbers of his own: those
 * chips in order of PCI address, and remote chips after them. Numbers that cannot be his own are taken for the host's: not
 * everybody who reports need be TT-Metal.
 */
export class OwnNumbers {
  /** Cards that have a number, in the order of the numbers. */
  readonly #cards: readonly Card[];
  readonly #byAddress: ReadonlyMap<string, Card>;
  readonly #reporters: ReadonlyMap<number, Reporter>;
  readonly #opened: OpenedCards;
  readonly #open: ReadonlyMap<number, readonly Card[]>;
  /** Cards whose lists could not be read. */
  readonly #unread: readonly Card[];
  /** Cards that somebody has open whose PID is not known. */
  readonly #unseen: readonly Card[];
  readonly #takenAtSeconds: number;
  readonly #meant = new Map<number, MeantChips>();

  constructor(
    cards: readonly Card[],
    procfs: ProcfsReading | undefined,
    server: AllocationServerReading,
    opened: OpenedCards,
    takenAtSeconds: number,
  ) {
    this.#cards = cards.filter(({ driverIndex }) => driverIndex !== undefined);
    this.#byAddress = new Map(this.#cards.map((card) => [card.pciAddress, card]));
    this.#reporters = reportersOf(server);
    this.#opened = opened;
    this.#takenAtSeconds = takenAtSeconds;
    // A stock server names nobody: then nobody asks who has what open.
    const isAsked = this.#reporters.size > 0 || !opened.isEmpty;
    this.#open = isAsked ? cardsByHolder(this.#cards, procfs) : new Map();
    const listOf = ({ driverIndex = -1 }: Card) => procfs?.devices.get(driverIndex);
    this.#unread = procfs?.allDevices === true ? [] : this.#cards.filter((card) => listOf(card) === undefined);
    this.#unseen = this.#cards.filter((card) => (listOf(card)?.invisible ?? 0) > 0);
    this.#remember(server.endedProcesses);
  }

  /** The chip that a process of this host means by a number that it has reported. */
  meant(pid: number | undefined, number: number): MeantChip {
    const reporter = pid === undefined ? undefined : this.#reporters.get(pid);
    // Of one card there is one way to count.
    if (pid === undefined || reporter === undefined || this.#cards.length === 1) return 'host';
    let meant = this.#meant.get(pid);
    if (meant === undefined) {
      meant = this.#find(pid, reporter);
      this.#meant.set(pid, meant);
    }
    return meant.get(number) ?? 'unknown';
  }

  /** The number that the host has for a card's chip on PCIe; -1: it has none. */
  numberOf(card: Card): number {
    return this.#cards.indexOf(card);
  }

  /** The cards that a process may mean where that cannot be told. */
  candidates(pid: number): readonly Card[] {
    const counted = this.#counted(pid, this.#reporters.get(pid)?.start);
    return (
      counted?.filter((card) => card !== undefined) ?? [
        ...(this.#open.get(pid) ?? []),
        ...this.#unread,
        ...this.#unseen,
      ]
    );
  }

  /** What one that has ended meant; undefined where it was never seen with a card. */
  meantByEnded({ hostPid = -1, startTimeSeconds, devices }: EndedProcess): MeantChips | undefined {
    const counted = this.#counted(hostPid, startTimeSeconds);
    return counted && this.#among(counted, new Set(devices.map(({ id }) => id)));
  }

  /** Whoever has cards open, or is told of, is remembered; of others nobody will ask. */
  #remember(ended: readonly EndedProcess[]): void {
    if (this.#unread.length > 0) return;
    for (const [pid, { start }] of this.#reporters) {
      this.#opened.see(
        pid,
        start,
        (this.#open.get(pid) ?? []).map(({ pciAddress }) => pciAddress),
        this.#takenAtSeconds,
      );
    }
    const told = new Set(ended.map(({ hostPid }) => hostPid));
    this.#opened.keep((pid) => this.#reporters.has(pid) || this.#open.has(pid) || told.has(pid), this.#takenAtSeconds);
  }

  #counted(pid: number, start: number | undefined): Counted | undefined {
    return this.#opened.of(pid, start)?.map((address) => this.#byAddress.get(address));
  }

  #find(pid: number, { start, numbers }: Reporter): MeantChips {
    const counted = this.#counted(pid, start);
    if (counted !== undefined) return this.#among(counted, numbers);
    const open = this.#open.get(pid) ?? [];
    const doubtful = open.length > 0 ? this.#unread : [...new Set([...this.#unread, ...this.#unseen])];
    if (doubtful.length === 0 && open.length > 0) return this.#among(open, numbers);
    if (doubtful.length === 0) return sameFor(numbers, this.#isYoung(start) ? 'unknown' : 'host');
    // Nothing is known of any card that would speak against the host's numbers.
    if (doubtful.length === this.#cards.length) return sameFor(numbers, 'host');
    if (doubtful.length > MOST_DOUBTFUL) return sameFor(numbers, 'unknown');
    const ways = subsetsOf(doubtful)
      .map((more) => this.#cards.filter((card) => open.includes(card) || more.includes(card)))
      // Whoever has memory has a card.
      .filter((way) => way.length > 0)
      .flatMap((way) => this.#fitting(way, numbers) ?? []);
    return agreed(ways, numbers);
  }

  /** It may have opened its cards after the lists were read. */
  #isYoung(start: number | undefined): boolean {
    return start !== undefined && this.#takenAtSeconds - start < YOUNG_SECONDS;
  }

  /** What the numbers of a process mean that counts these. */
  #among(counted: Counted, numbers: ReadonlySet<number>): MeantChips {
    return this.#fitting(counted, numbers) ?? sameFor(numbers, 'unknown');
  }

  /** undefined: a process that counts these cannot have reported such numbers. */
  #fitting(counted: Counted, numbers: ReadonlySet<number>): MeantChips | undefined {
    const isAll = counted.length === this.#cards.length && counted.every((card, at) => card === this.#cards[at]);
    if (isAll) return sameFor(numbers, 'host');
    // One that has gone may have had two chips.
    const chips = counted.filter((card) => card === undefined || hasTwoChips(card.board)).length + counted.length;
    const canBeHosts = this.#canBeHosts(counted, numbers);
    if (![...numbers].every((number) => number < chips)) return canBeHosts ? sameFor(numbers, 'host') : undefined;
    const own = new Map([...numbers].map((number) => [number, this.#named(chipAmong(counted, number), number)]));
    // Both can be: where they are not the same it is not told.
    return canBeHosts ? agreed([own, sameFor(numbers, 'host')], numbers) : own;
  }

  #canBeHosts(counted: Counted, numbers: ReadonlySet<number>): boolean {
    // Where one has gone, the host's numbers are not what they were.
    if (counted.includes(undefined)) return false;
    const chips = this.#cards.length + this.#cards.filter(({ board }) => hasTwoChips(board)).length;
    return [...numbers].every((number) => {
      const card = this.#cards[number];
      return card === undefined ? number < chips : counted.includes(card);
    });
  }

  #named(chip: MeantChip, number: number): MeantChip {
    return typeof chip !== 'string' && !chip.remote && chip.card === this.#cards[number] ? 'host' : chip;
  }
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

function chipAmong(counted: Counted, number: number): MeantChip {
  if (number < counted.length) {
    const card = counted[number];
    return card === undefined ? 'unknown' : { card, remote: false };
  }
  const [only, ...others] = counted;
  // Several remote chips come in an order that nothing here tells.
  return only === undefined || others.length > 0 ? 'unknown' : { card: only, remote: true };
}

/** What all say; `unknown` where they differ, or nobody says anything. */
function agreed(ways: readonly MeantChips[], numbers: ReadonlySet<number>): MeantChips {
  return new Map(
    [...numbers].map((number) => {
      const [first = 'unknown', ...rest] = ways.map((way) => way.get(number) ?? 'unknown');
      return [number, rest.every((other) => isSame(first, other)) ? first : 'unknown'];
    }),
  );
}

function isSame(one: MeantChip, other: MeantChip): boolean {
  if (typeof one === 'string' || typeof other === 'string') return one === other;
  return one.card === other.card && one.remote === other.remote;
}

function sameFor(numbers: ReadonlySet<number>, meant: MeantChip): MeantChips {
  return new Map([...numbers].map((number) => [number, meant]));
}

function subsetsOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  return items.reduce<readonly (readonly T[])[]>((sets, item) => sets.flatMap((set) => [set, [...set, item]]), [[]]);
}
