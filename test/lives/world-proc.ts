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
  /** The PID that was given out last. */
  #lastPid = 0;

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
    const others = (life.hostPid - this.#lastPid - 1 + PIDS) % PIDS;
    this.#lastPid = life.hostPid;
    this.#proc.passForks(others);
    this.show(life);
  }

  show(life: Life): void {
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
    this.#proc.remove(life.hostPid);
  }

  listOpeners(pids: readonly number[]): void {
    this.#proc.putDevice(0, pids);
  }
}
