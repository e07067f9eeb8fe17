import { rmSync, statSync } from 'node:fs';
import { RegionWriter } from '../../src/simulator/region-writer.ts';
import { name } from './life.ts';
import { RegionBook, RELEASING } from './region-book.ts';
import type { Hold, Life } from './life.ts';
import type { Counter } from './region-book.ts';
import type { World } from './world.ts';
import type { WorldRegion } from './world-region.ts';

/** What the processes of a world do with regions: by simulated writers in the files, and in the books by the same rules. */
export class RegionWork {
  readonly #world: World;
  readonly #writers = new Set<RegionWriter>();

  constructor(world: World) {
    this.#world = world;
  }

  /** Opens a chip's region, or creates it. A region of another version is not attached to: the process runs untracked. */
  attach(life: Life, region: WorldRegion, shape: RegionBook['shape'] = 'plain'): void {
    const own = region.book;
    if (own !== undefined && own.version !== life.version && (own.version === 1 || life.version === 1)) return;
    const writer = this.#openWriter(life, region, own?.shape ?? shape);
    if (writer === undefined) return;
    region.book ??= new RegionBook(life.version, shape);
    writer.attach(life.ownPid, name(life));
    region.book.attach(life, this.#world.clock.moment);
    life.holds.set(region, { descriptor: true, writer, attached: true, held: new Map() });
    this.#world.note(`${name(life)} attaches to ${region.number} (version ${life.version})`);
    this.#reap(life, region, writer);
    this.#world.show(life);
  }

  record(life: Life, region: WorldRegion, counter: Counter, change: number): void {
    const hold = life.holds.get(region);
    if (hold?.writer === undefined || region.book === undefined) return;
    if (change >= 0) hold.writer.allocate(life.ownPid, counter, change);
    else hold.writer.free(life.ownPid, counter, -change);
    region.book.record(life, counter, change, this.#world.clock.moment);
    hold.held.set(counter, (hold.held.get(counter) ?? 0) + change);
    this.#world.note(
      `${name(life)} ${change < 0 ? 'frees' : 'takes'} ${Math.abs(change)} of ${counter} on ${region.number}`,
    );
  }

  setCb(life: Life, region: WorldRegion, bytes: number): void {
    const hold = life.holds.get(region);
    if (hold?.writer === undefined || region.book === undefined) return;
    hold.writer.setCb(life.ownPid, bytes);
    region.book.setCb(life, bytes, this.#world.clock.moment);
    this.#world.note(`${name(life)} has ${bytes} of cb on ${region.number}`);
  }

  /** Closes its chips in order. Its children keep what they hold. */
  detach(life: Life): void {
    for (const [region, hold] of life.holds) {
      if (!hold.attached || hold.writer === undefined || region.book === undefined) continue;
      this.#reap(life, region, hold.writer);
      hold.writer.detach(life.ownPid);
      region.book.detach(life.ownPid);
      this.#closeForChildren(hold);
    }
    life.holds.clear();
    this.#world.note(`${name(life)} detaches`);
    this.#world.show(life);
  }

  /** Version 4: it is stopped in the middle of closing its chips, and lives. */
  beginRelease(life: Life): void {
    for (const [{ book, number }, { attached, writer }] of life.holds) {
      if (!attached || writer === undefined || book?.version !== 4) continue;
      const index = book.slots.findIndex((slot) => slot?.pid === life.ownPid);
      if (index < 0) continue;
      writer.raw.setI32(writer.slotOffset(index), RELEASING);
      book.beginRelease(life);
      this.#world.note(`${name(life)} begins to release its slot of ${number}`);
    }
    life.leaving = true;
  }

  /** SIGKILL. `releasing`: in the middle of releasing its slots (version 4). */
  kill(life: Life, how: 'clean' | 'zombie' | 'releasing' = 'clean'): void {
    for (const [region, hold] of life.holds) {
      if (!hold.attached || hold.writer === undefined) continue;
      if (how === 'releasing' && region.book?.version === 4) {
        hold.writer.dieReleasing(life.ownPid);
        region.book.beginRelease(life);
        this.#closeForChildren(hold);
      } else if (![...this.#world.lives].some((child) => child !== life && sharesWriter(child, hold)))
        hold.writer.die();
    }
    this.#world.note(`${name(life)} is killed (${how})`);
    this.#world.end(life, how === 'zombie' ? 'zombie' : 'gone');
  }

  /** Somebody who is no process of TT-Metal writes a file that looks like a region. */
  forge(region: WorldRegion, slots: readonly { readonly pid: number; readonly dram: number }[]): void {
    const version = 3;
    const book = new RegionBook(version, 'plain');
    const now = () => this.#world.clock.now;
    const writer = RegionWriter.open(region.path, { version, chipId: region.chip.chipId, deviceId: 7, now });
    for (const { pid, dram } of slots) {
      writer.attach(pid, 'forged');
      writer.allocate(pid, 'dram', dram);
      book.forge(pid, dram, this.#world.clock.moment);
    }
    writer.die();
    region.book = book;
    region.file = statSync(region.path);
    this.#world.note(`region ${region.number} is forged with ${slots.map(({ pid }) => pid).join()}`);
  }

  /** A process opens a file that it has not made by TT-Metal. */
  hold(life: Life, region: WorldRegion): void {
    life.holds.set(region, { descriptor: true, writer: undefined, attached: false, held: new Map() });
    this.#world.show(life);
  }

  /** An operator deletes a region that nobody holds. */
  remove(region: WorldRegion): void {
    rmSync(region.path, { force: true });
    region.book = undefined;
    region.file = undefined;
    this.#world.note(`region ${region.number} is deleted`);
  }

  /** Lets go of every descriptor. */
  close(): void {
    for (const writer of this.#writers) writer.die();
  }

  #openWriter(life: Life, region: WorldRegion, shape: RegionBook['shape']): RegionWriter | undefined {
    const { version } = life;
    const { chipId, deviceId } = region.chip;
    const parts = { version, chipId, deviceId, now: () => this.#world.clock.now };
    try {
      const layout = { kernelLayout: shape === 'kernel', padded: shape === 'padded' };
      const writer = RegionWriter.open(region.path, { ...parts, ...layout });
      region.file = statSync(region.path);
      this.#writers.add(writer);
      return writer;
    } catch (error) {
      if (region.book === undefined || region.book.version === version) throw error;
      this.#world.note(`${name(life)} of version ${version} is refused by ${region.number} and runs untracked`);
      return undefined;
    }
  }

  /** Version 4 asks kill(pid, 0) for each slot's number, which means another process in another namespace. */
  #reap(life: Life, { book, number }: WorldRegion, writer: RegionWriter): void {
    if (book?.version !== 4) return;
    const visible = (pid: number) => life.namespace.members.has(pid);
    writer.reap(visible);
    book.reap(life.ownPid, visible);
    this.#world.note(`${name(life)} reaps ${number}`);
  }

  #closeForChildren(hold: Hold): void {
    for (const child of this.#world.lives) {
      for (const [region, other] of child.holds) {
        if (other.writer === hold.writer && other !== hold) child.holds.set(region, { ...other, writer: undefined });
      }
    }
  }
}

function sharesWriter(life: Life, { writer }: Hold): boolean {
  return [...life.holds.values()].some((hold) => hold.writer === writer);
}
