import assert from 'node:assert/strict';
import type { DeviceMemory, DeviceSnapshot, ProcessSnapshot, Snapshot } from '../../src/snapshot/snapshot.ts';
import { containerOf } from './describe-life.ts';
import { bytesUnder, known, matchSlots } from './match-slots.ts';
import { COUNTERS, noBytes } from './region-book.ts';
import { name } from './life.ts';
import { noteSeen, slotTruth } from './truth.ts';
import type { ShownSlot, TrueSlot } from './match-slots.ts';
import type { BookSlot, Bytes, Counter, RegionBook } from './region-book.ts';
import type { Shown, Sight, SlotTruth } from './truth.ts';
import type { Tally } from './tally.ts';
import type { World } from './world.ts';
import type { WorldChip, WorldRegion } from './world-region.ts';

/** Compares a snapshot with the truth. Throws AssertionError on the first thing that is wrong. */
export class Judge {
  readonly #world: World;
  readonly #sight: Sight;
  readonly #tally: Tally;
  readonly #byLabel = new Map<string, ShownSlot[]>();

  constructor(world: World, sight: Sight, tally: Tally) {
    this.#world = world;
    this.#sight = sight;
    this.#tally = tally;
  }

  judge(snapshot: Snapshot): void {
    this.#tally.collections += 1;
    for (const chip of this.#world.chips) this.#judgeChip(chip, deviceOf(snapshot, chip));
    const labels = new Set([...this.#byLabel.keys(), ...this.#world.openers.map((pid) => `${pid}`)]);
    assert.deepEqual(snapshot.processes.map(({ pid }) => pid).sort(), [...labels].sort(), 'processes');
    for (const process of snapshot.processes) this.#judgeProcess(process);
  }

  /** A region that may be found some seconds late is there or not: one of the two must be true. */
  #judgeChip(chip: WorldChip, device: DeviceSnapshot | undefined): void {
    const ofChip = this.#world.regions.filter((region) => region.chip === chip && region.visible !== 'no');
    const late = ofChip.filter(({ visible }) => visible === 'late');
    const memory = device?.memory?.source === 'shared_memory' ? device.memory : undefined;
    let first: unknown;
    for (const missing of subsets(late)) {
      try {
        const shown = this.#checkRegions(
          ofChip.filter((region) => !missing.includes(region)),
          memory,
          `device ${chip.deviceId}`,
        );
        for (const slot of shown) this.#take(slot);
        return;
      } catch (error) {
        first ??= error;
      }
    }
    throw first;
  }

  #checkRegions(regions: readonly WorldRegion[], memory: DeviceMemory | undefined, where: string): ShownSlot[] {
    const counted = regions.filter((region) => this.#world.isTrusted(region) && isReadable(region.book));
    if (counted.length === 0) {
      assert.equal(memory, undefined, `${where} shows bytes of a region that may not be believed or cannot be read`);
      return [];
    }
    assert.ok(memory !== undefined, `${where} shows nothing of its region`);
    const books = counted.flatMap(({ book }) => book ?? []);
    const counters = new Set(books.flatMap((book) => book.counters));
    const isUnknown = (counter: Counter) => memory.totals[counter] === undefined;
    const mustBeUnknown = COUNTERS.filter((counter) => !counters.has(counter));
    assert.deepEqual(COUNTERS.filter(isUnknown), mustBeUnknown, `${where}: what is not counted`);
    assert.deepEqual(known(memory.totals), sumOver(books, totalOf), `${where}: totals`);
    assert.deepEqual(known(memory.unattributed), sumOver(books, unattributedOf), `${where}: unattributed bytes`);
    return this.#checkSlots(counted, memory, where);
  }

  #checkSlots(regions: readonly WorldRegion[], memory: DeviceMemory, where: string): ShownSlot[] {
    const all = regions.flatMap((region) => (region.book?.used ?? []).map((slot) => this.#trueSlot(slot, region)));
    const shown = [...Map.groupBy(all, ({ slot }) => slot.pid)].flatMap(([number, slots]) => {
      const pids = [...this.#world.lives].filter((life) => life.ownPid === number).map((life) => life.hostPid);
      const matched = matchSlots(slots, pids, memory);
      assert.ok(matched !== undefined, describeMismatch(where, slots, pids, memory, this.#sight));
      return matched;
    });
    const labels = new Set(shown.map(({ label }) => label));
    assert.deepEqual((memory.processes ?? []).map(({ pid }) => pid).sort(), [...labels].sort(), `${where}: pids`);
    return shown;
  }

  #trueSlot(slot: BookSlot, region: WorldRegion): TrueSlot {
    return { slot, region, truth: slotTruth(slot, region, this.#world, this.#sight) };
  }

  #take(taken: ShownSlot): void {
    const { slot, region, truth, shown, label } = taken;
    this.#count(slot, shown, truth);
    if (typeof shown === 'number' && truth.guesses.includes(shown)) this.#tally.wrongGuesses += 1;
    this.#byLabel.set(label, [...(this.#byLabel.get(label) ?? []), taken]);
    // A moment after something could not be seen it may be, or not yet.
    if (this.#sight === 'all' || (this.#sight === 'retry' && shown === 'gone')) noteSeen(slot, region, this.#world);
  }

  #count(slot: BookSlot, shown: Shown, { decided, excuse }: SlotTruth): void {
    const { deaths, slots } = this.#tally;
    if (isEmpty(slot)) return;
    if (excuse !== undefined) slots.excused[excuse] += 1;
    if (decided === undefined) return;
    const answer = shown === decided ? 'decided' : 'undecided';
    slots[answer] += 1;
    if (decided !== 'gone' || slot.counted) return;
    slot.counted = true;
    deaths[answer] += 1;
  }

  /** Dead only what is dead wherever it occurs; and a host PID has the name and container of the process that has it now. */
  #judgeProcess(process: ProcessSnapshot): void {
    const { pid, alive, comm, containerId, namespacePid } = process;
    const slots = this.#byLabel.get(pid) ?? [];
    if (pid.startsWith('?')) {
      assert.ok(mayBeAlive(slots).includes(alive), `process ${pid}: alive is ${alive}`);
      return;
    }
    const life = this.#world.living.find(({ hostPid }) => `${hostPid}` === pid);
    if (life === undefined) {
      // The driver's list names who opened a file, also when only a child is left that has it.
      assert.deepEqual(
        { alive, slots: slots.length },
        { alive: undefined, slots: 0 },
        `process ${pid}, which is not there`,
      );
      return;
    }
    const own = life.ownPid === life.hostPid ? '' : `${life.ownPid}`;
    assert.deepEqual(
      { alive, comm, containerId, namespacePid },
      { alive: true, comm: name(life), containerId: containerOf(life), namespacePid: own },
      `process ${pid}`,
    );
  }
}

/**
 * Dead only if proven of all its slots. How an empty slot is shown does not show in sums, where there are others, nor
 * whether its region has been found.
 */
function mayBeAlive(slots: readonly ShownSlot[]): (boolean | undefined)[] {
  const unsure = (slot: ShownSlot) => slots.length > 1 && isEmpty(slot.slot);
  const mayBeDead = ({ truth, region }: ShownSlot) => truth.may.has('gone') || region.visible === 'late';
  const dead = slots.every((slot) => slot.shown === 'gone' || (unsure(slot) && mayBeDead(slot)));
  const undecided = slots.some((slot) => slot.shown !== 'gone' || unsure(slot));
  return [...(dead ? [false] : []), ...(undecided ? [undefined] : [])];
}

function isEmpty({ bytes }: BookSlot): boolean {
  return COUNTERS.every((counter) => bytes[counter] === 0);
}

/** The chip on PCIe is known by its card, the remote one by its gateway, and one that nobody knows by the region's own name. */
function deviceOf({ devices }: Snapshot, { place, chipId }: WorldChip): DeviceSnapshot | undefined {
  switch (place) {
    case 'card':
      return devices.find(({ card }) => card?.board === 'n300');
    case 'unused':
      return devices.find(({ card }) => card?.board === 'n150');
    case 'remote':
      return devices.find(({ gateway }) => gateway !== undefined);
    case 'nowhere':
      return devices.find((device) => device.chipId === chipId);
  }
}

/** Version 1 without padding may have been cut short: then only equal sums tell that it is whole. */
function isReadable(book: RegionBook | undefined): boolean {
  if (book?.version !== 1 || book.shape !== 'plain') return book !== undefined;
  return book.counters.every((counter) => book.totals[counter] === book.sumOfSlots(counter));
}

/** The empty one first. */
function subsets<T>(all: readonly T[]): T[][] {
  return all.reduce<T[][]>((sets, item) => [...sets, ...sets.map((set) => [...set, item])], [[]]);
}

function sumOver(books: readonly RegionBook[], part: (book: RegionBook, counter: Counter) => number): Bytes {
  const sum = noBytes();
  for (const counter of COUNTERS) for (const book of books) sum[counter] += part(book, counter);
  return sum;
}

/** The larger of total and slots. */
function totalOf(book: RegionBook, counter: Counter): number {
  return Math.max(book.totals[counter], book.sumOfSlots(counter));
}

function unattributedOf(book: RegionBook, counter: Counter): number {
  return Math.max(0, book.totals[counter] - book.sumOfSlots(counter));
}

function describeMismatch(
  where: string,
  slots: readonly TrueSlot[],
  pids: readonly number[],
  memory: DeviceMemory,
  sight: Sight,
): string {
  const lines = slots.map(({ slot, region, truth }) => {
    const may = [...truth.may, ...truth.guesses].join(' or ');
    return `  region ${region.number}, slot ${slot.pid}: may be ${may}, as it is ${truth.why}: ${JSON.stringify(slot.bytes)}`;
  });
  const labels = [`?${slots[0]?.slot.pid ?? ''}`, ...pids.map(String)];
  const shown = labels.map((label) => `  ${label}: ${JSON.stringify(bytesUnder(label, memory))}`);
  return [`${where} (${sight}) is not true:`, ...lines, 'shown, with what is orphaned:', ...shown].join('\n');
}
