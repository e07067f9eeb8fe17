import { mkdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { demandAt } from '../../src/simulator/patterns.ts';
import type { Holdings, Pattern } from '../../src/simulator/patterns.ts';
import { RegionWriter } from '../../src/simulator/region-writer.ts';

/** A process that is a folder in the host's /proc, so that it can be of a pod or a job. */
export interface TenantOptions {
  readonly name: string;
  readonly chip: number;
  readonly pattern: Pattern;
  /** The line of its /proc/<pid>/cgroup. */
  readonly cgroup: string;
  readonly ageSeconds: number;
}

const FIRST_PID = 4_100_001;

/** Writes a region of layout 4 as TT-Metal does; dies as its pattern says, and leaves its slot behind. */
export class Tenant {
  readonly #host: SimulatedHost;
  readonly #options: TenantOptions;
  readonly #pid: number;
  readonly #region: RegionWriter;
  #held: Holdings = {};
  #age = 0;
  #lives = true;

  constructor(host: SimulatedHost, options: TenantOptions, index: number) {
    this.#host = host;
    this.#options = options;
    this.#pid = FIRST_PID + 7 * index;
    const path = host.regionPath(options.chip);
    const { chipId, card } = host.chip(options.chip);
    this.#region = RegionWriter.open(path, { version: 4, chipId, deviceId: options.chip });
    this.#region.attach(this.#pid, options.name);
    const driverIndex = host.card(card).driverIndex ?? 0;
    const descriptors = { 10: join('/dev/tenstorrent', String(driverIndex)), 50: path };
    const { name: comm, cgroup } = options;
    const process = { pid: this.#pid, comm, cgroup, startTicks: ticksBefore(options.ageSeconds), descriptors };
    host.processes.put(process, [driverIndex]);
    // As a process of the host's own namespaces has it.
    const namespaces = join(host.procfs, String(this.#pid), 'ns');
    mkdirSync(namespaces, { recursive: true });
    for (const kind of ['mnt', 'pid']) symlinkSync(readlinkSync(`/proc/self/ns/${kind}`), join(namespaces, kind));
  }

  step(seconds: number): void {
    if (!this.#lives) return;
    this.#age += seconds;
    const { holdings, load } = demandAt(this.#options.pattern, this.#age);
    if (holdings === undefined) {
      this.#die();
      return;
    }
    this.#host.use(this, [this.#host.chip(this.#options.chip).card], load);
    for (const type of ['dram', 'trace', 'l1', 'l1_small'] as const) {
      const change = (holdings[type] ?? 0) - (this.#held[type] ?? 0);
      if (change > 0) this.#region.allocate(this.#pid, type, change);
      if (change < 0) this.#region.free(this.#pid, type, -change);
    }
    this.#region.setCb(this.#pid, holdings.cb ?? 0);
    this.#held = holdings;
  }

  #die(): void {
    this.#lives = false;
    this.#host.release(this);
    this.#host.processes.hide(this.#pid);
  }

  close(): void {
    this.#region.die();
  }
}

/** In ticks since the boot, as /proc/<pid>/stat has a start. */
function ticksBefore(seconds: number): number {
  const uptime = Number(readFileSync('/proc/uptime', 'latin1').split(' ')[0]);
  return Math.max(1, Math.floor((uptime - seconds) * 100));
}
