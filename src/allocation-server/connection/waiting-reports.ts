import { HEADER_BYTES } from '../stream/frame-check.ts';

/** For one connection: more than the kernel keeps for a sender. */
const MAX_REPORTS = 4096;
const FIRST_ROOM = 16;

/** What all connections together may keep; some 5 MB. */
export class WaitingRoom {
  free = 65_536;
}

/** Frames of `HEADER_BYTES`, one behind the other; their room doubles. */
interface Kept {
  bytes: Uint8Array<ArrayBuffer>;
  count: number;
}

/** Reports that wait until it is known whose they are. */
export class WaitingReports {
  readonly #room: WaitingRoom;
  readonly #byPid = new Map<number, Kept>();
  #count = 0;

  constructor(room: WaitingRoom) {
    this.#room = room;
  }

  /** Keeps a copy. False where there is no room. */
  add(pid: number, frame: DataView, offset: number): boolean {
    if (this.#count >= MAX_REPORTS || this.#room.free <= 0) return false;
    const kept = this.#byPid.get(pid) ?? { bytes: new Uint8Array(FIRST_ROOM * HEADER_BYTES), count: 0 };
    this.#byPid.set(pid, kept);
    const at = kept.count++ * HEADER_BYTES;
    if (at === kept.bytes.length) {
      const more = new Uint8Array(2 * at);
      more.set(kept.bytes);
      kept.bytes = more;
    }
    kept.bytes.set(new Uint8Array(frame.buffer, frame.byteOffset + offset, HEADER_BYTES), at);
    this.#count++;
    this.#room.free--;
    return true;
  }

  /** Those whose reports wait, first come first. */
  pids(): number[] {
    return [...this.#byPid.keys()];
  }

  /** Hands over the reports of one, in order; they wait no more. */
  take(pid: number, each: (frames: DataView, offset: number) => void): void {
    const kept = this.#byPid.get(pid);
    if (kept === undefined) return;
    this.#byPid.delete(pid);
    this.#count -= kept.count;
    this.#room.free += kept.count;
    const frames = new DataView(kept.bytes.buffer);
    for (let index = 0; index < kept.count; index++) each(frames, index * HEADER_BYTES);
  }
}
