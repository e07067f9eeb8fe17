import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FakeProc } from '../../src/simulator/fake-proc.ts';
import { describeLife, describeMounts } from './describe-life.ts';
import type { Life } from './life.ts';
import type { ShmMount } from './shm-mount.ts';

/** As many as a kernel gives out by default (linux: include/linux/threads.h). */
const PIDS = 32_768;

/** What is to be seen of a world's processes: a folder as /proc. */
export class WorldProc {
  readonly #folder: string;
  readonly #proc: FakeProc;
  readonly #mount: ShmMount | undefined;
  /** Not put there yet as they are now: nobody looks at each step. */
  readonly #stale = new Set<Life>();
  #openers: readonly number[] = [];
  #openersStale = true;
  /** The PID that was given out last. */
  #lastPid = 0;
  #forks = 0;

  /** `mount`: where mount namespaces are shown. */
  constructor(folder: string, bootSeconds: number, mount: ShmMount | undefined) {
    this.#folder = folder;
    this.#mount = mount;
    this.#proc = new FakeProc(folder, bootSeconds);
    this.#proc.put({ pid: 1, comm: 'init', parentPid: 0, startTicks: 1 });
    // It has a container's PID 1 and nothing of ours: every pod has one.
    this.#proc.put({ pid: 1999, comm: 'pause', startTicks: 200, namespacePids: [1999, 1] });
  }

  /** It is the /proc of a namespace below the host's. */
  putBelowHost(): void {
    this.#proc.putNamespace('pid:[4026532747]');
  }

  setBootTime(seconds: number): void {
    this.#proc.setBootTime(seconds);
  }

  folderOf(life: Life): string {
    return join(this.#folder, `${life.hostPid}`);
  }

  /** PIDs are given out in turn: others must have had all those between the last one and this. */
  start(life: Life): void {
    this.#forks += (life.hostPid - this.#lastPid - 1 + PIDS) % PIDS;
    this.#lastPid = life.hostPid;
    this.show(life);
  }

  show(life: Life): void {
    this.#stale.add(life);
  }

  /** Puts there what has changed. */
  update(): void {
    if (this.#forks > 0) this.#proc.passForks(this.#forks);
    this.#forks = 0;
    for (const life of this.#stale) this.#put(life);
    this.#stale.clear();
    if (this.#openersStale) this.#proc.putDevice(0, this.#openers);
    this.#openersStale = false;
  }

  #put(life: Life): void {
    this.#proc.put(describeLife(life));
    if (this.#mount === undefined || life.stage !== 'running') return;
    const folder = this.folderOf(life);
    const { mountNamespace, mountInfo, descriptorInfo } = describeMounts(life, this.#mount);
    mkdirSync(join(folder, 'ns'));
    symlinkSync(mountNamespace, join(folder, 'ns/mnt'));
    writeFileSync(join(folder, 'mountinfo'), mountInfo);
    mkdirSync(join(folder, 'fdinfo'));
    for (const [descriptor, text] of descriptorInfo) writeFileSync(join(folder, 'fdinfo', descriptor), text);
  }

  remove(life: Life): void {
    // Nobody has seen it.
    if (this.#stale.delete(life)) this.#forks += 1;
    this.#proc.remove(life.hostPid);
  }

  listOpeners(pids: readonly number[]): void {
    this.#openers = pids;
    this.#openersStale = true;
  }
}
