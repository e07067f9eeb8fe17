import type { Connection } from './connection.ts';

/** What of the listening sockets is used here. */
export interface Entrance {
  readonly isPaused: boolean;
  pause(): boolean;
  resume(): Promise<void>;
}

/** From this part of the room on, monitors that ask nothing make room. */
const CROWDED = 0.9;
/** A monitor that has been silent for this long, `performance.now()`, is between two questions. */
const IDLE_MS = 1000;

/** All open connections, by name, and the room for them. */
export class Crowd {
  readonly #entrance: Entrance;
  readonly #room: number;
  readonly #connections = new Map<string, Connection>();

  /** `room`: how many may be open. */
  constructor(entrance: Entrance, room: number) {
    this.#entrance = entrance;
    this.#room = room;
  }

  get size(): number {
    return this.#connections.size;
  }

  entries(): IterableIterator<[string, Connection]> {
    return this.#connections.entries();
  }

  /** A connection is there. It is taken out when it is over. */
  add(name: string, connection: Connection, onOver: () => void): void {
    this.#connections.set(name, connection);
    if (this.size > this.#room * CROWDED) this.#makeRoom();
    if (this.size >= this.#room) this.#entrance.pause();
    void connection.over.then(() => {
      this.#connections.delete(name);
      onOver();
      if (this.#entrance.isPaused && this.size < this.#room * CROWDED) void this.#entrance.resume();
    });
  }

  /** Closes monitors: those that have been silent longest first. Applications are never closed. */
  #makeRoom(): void {
    const now = performance.now();
    const crowded = this.size >= this.#room;
    const monitors = [...this.#connections.values()]
      .filter(({ isMonitor, activeAt }) => isMonitor && (crowded || now - activeAt > IDLE_MS))
      .sort((a, b) => a.activeAt - b.activeAt);
    const surplus = Math.ceil(this.size - this.#room * CROWDED);
    for (const monitor of monitors.slice(0, surplus)) monitor.destroy();
  }
}
