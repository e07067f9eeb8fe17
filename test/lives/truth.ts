import { isAlive } from './life.ts';
import { RELEASING } from './region-book.ts';
import type { BookSlot } from './region-book.ts';
import type { Life } from './life.ts';
import type { World } from './world.ts';
import type { WorldRegion } from './world-region.ts';

/** How a snapshot shows a slot: proven gone, under the number it gives itself, or under a host PID. */
export type Shown = 'gone' | 'unproven' | number;

/** What is true of a slot, as far as a snapshot may or must say it. */
export interface SlotTruth {
  readonly may: ReadonlySet<Shown>;
  /** Host PIDs that it may take for the owner without proof, and is wrong. */
  readonly guesses: readonly number[];
  /** What it must say to have decided; undefined where nothing has to be decided. */
  readonly decided: Shown | undefined;
  /** Why nothing has to be decided. */
  readonly excuse: Excuse | undefined;
  /** For the report of a failure. */
  readonly why: string;
}

/**
 * `blind`: something may not be looked at; `retry`: it could not be a moment ago; `clock`: the clock was set since the last
 * update; `shared`: two living processes have the number; `heir`: a living process has the number of the dead writer; `releasing`: a living one may be releasing it now.
 */
export type Excuse = 'blind' | 'retry' | 'clock' | 'shared' | 'heir' | 'releasing';

/** How well the exporter can see. */
export type Sight = 'all' | 'blind' | 'retry';

/** Start times are ticks and boot times whole seconds, so that close ones cannot be told apart. */
const SLACK_TICKS = 350;

/** What may be said of the owner of a slot: the tracker's own rule is that whoever has the number owns the slot. */
export function slotTruth(slot: BookSlot, region: WorldRegion, world: World, sight: Sight): SlotTruth {
  const truth = certainTruth(slot, region, world, sight);
  const guesses = (sight === 'all' ? [] : world.living.filter(mayBeGuessed(sight, world)))
    .filter((life) => life.ownPid === slot.pid && mayHaveWritten(life, slot, world))
    .map((life) => life.hostPid);
  return { ...truth, guesses: guesses.filter((pid) => !truth.may.has(pid)) };
}

/**
 * Where not everything can be seen, a process that has the device open and the number, and may not be looked at, is taken
 * for the owner if no other one is like it: which can be wrong.
 */
function mayBeGuessed(sight: Sight, { openers }: World): (life: Life) => boolean {
  return ({ hostPid, denied }) => openers.includes(hostPid) && (denied || sight === 'retry');
}

function certainTruth(slot: BookSlot, region: WorldRegion, world: World, sight: Sight): Omit<SlotTruth, 'guesses'> {
  const members = world.holders(region).filter((life) => life.ownPid === slot.pid);
  const writers = members.filter((life) => slot.writers.has(life));
  if (slot.pid === RELEASING) return releasingTruth(slot, region, world, sight);
  if (members.length === 0) return deadTruth(slot, sight);
  if (writers.length === 0) return heirTruth(slot, members, world, sight);
  const may = new Set<Shown>(['unproven']);
  const why = `written by the living ${writers.map((life) => life.hostPid).join()}`;
  const unsure = sight !== 'all' || !world.clock.comparable(slot.updated);
  // Two that wrote are ambiguous, and whoever has the number without having written is not the owner, as far as times tell.
  if (writers.length === 1 || unsure) for (const life of writers) may.add(life.hostPid);
  if (unsure) for (const life of members) if (mayHaveWritten(life, slot, world)) may.add(life.hostPid);
  const [writer] = writers;
  const excuse = excuseFor(slot, members, world, sight);
  return { may, decided: excuse === undefined ? writer?.hostPid : undefined, excuse, why };
}

/** Its owner is dead, or is giving it up at this moment: which of the living holders it may be, nothing tells. */
function releasingTruth(slot: BookSlot, region: WorldRegion, world: World, sight: Sight): Omit<SlotTruth, 'guesses'> {
  const why = 'being released';
  if (slot.releasedBy !== undefined && isAlive(slot.releasedBy)) {
    return { may: new Set(['unproven']), decided: undefined, excuse: 'releasing', why: `${why} by the living` };
  }
  const isHeld = world.holders(region).length > 0;
  const excuse = sight === 'all' ? (isHeld ? 'releasing' : undefined) : sight;
  const decided = excuse === undefined ? 'gone' : undefined;
  return { may: new Set(['unproven', 'gone']), decided, excuse, why };
}

function deadTruth(slot: BookSlot, sight: Sight): Omit<SlotTruth, 'guesses'> {
  const may = new Set<Shown>(['unproven']);
  if (sight !== 'blind' || slot.provenDead) may.add('gone');
  const excuse = sight === 'all' ? undefined : sight;
  return { may, decided: excuse === undefined ? 'gone' : undefined, excuse, why: 'nobody living has its number' };
}

function heirTruth(slot: BookSlot, members: readonly Life[], world: World, sight: Sight): Omit<SlotTruth, 'guesses'> {
  const may = new Set<Shown>(['unproven']);
  if (sight !== 'blind' || slot.provenDead) may.add('gone');
  for (const heir of members) if (mayHaveWritten(heir, slot, world)) may.add(heir.hostPid);
  const why = `only ${members.map((life) => life.hostPid).join()} have its number, and wrote nothing`;
  return { may, decided: undefined, excuse: 'heir', why };
}

function mayHaveWritten(life: Life, slot: BookSlot, world: World): boolean {
  return !world.clock.comparable(slot.updated) || life.startTicks <= slot.updated.ticks + SLACK_TICKS;
}

function excuseFor(slot: BookSlot, members: readonly Life[], world: World, sight: Sight): Excuse | undefined {
  if (sight !== 'all') return sight;
  if (members.length > 1) return 'shared';
  return world.clock.comparable(slot.updated) ? undefined : 'clock';
}

/** Remembers that a collection which sees everything has come after the end of a slot's writers. */
export function noteSeen(slot: BookSlot, region: WorldRegion, world: World): void {
  if (!world.holders(region).some((life) => life.ownPid === slot.pid)) slot.provenDead = true;
}
