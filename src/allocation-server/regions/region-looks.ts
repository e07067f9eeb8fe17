import { Collection, SourceRunner } from '../../collect/collection.ts';
import { createLaneReader } from '../../io/lane-reader.ts';
import type { LaneReader } from '../../io/lanes.ts';
import { RegionTrust } from '../../join/region-trust.ts';
import { trackRegion } from '../../join/region-tracker.ts';
import { resolveRegions } from '../../join/resolve-regions.ts';
import { isSameStart } from '../../sources/procfs/parse-stat.ts';
import { createProcfsSource } from '../../sources/procfs/source.ts';
import type { ProcfsReading } from '../../sources/procfs/types.ts';
import { createSharedMemorySource, wantedFiles } from '../../sources/shared-memory/source.ts';
import type { RegionReading, SharedMemoryReading } from '../../sources/shared-memory/types.ts';
import { fileKey } from '../../sources/source.ts';
import type { ReadError, SourceRun } from '../../sources/source.ts';
import type { Card } from '../../sources/sysfs/types.ts';
import type { HostProcesses } from '../identity/host-processes.ts';
import type { RegionLook, SeenRegion, SeenSlot, SlotOwner } from './types.ts';

export interface RegionPaths {
  readonly shm: string;
  readonly procfs: string;
  readonly sysfs: string;
}

/** A look that takes longer is given up: the next one is due. */
const LOOK_MS = 900;

/** Reads the regions and who owns their slots, as the exporter does, whose code it is. */
export class RegionLooks {
  readonly #processes: HostProcesses;
  readonly #lanes: LaneReader;
  readonly #regions: SourceRunner;
  readonly #procfs: SourceRunner;

  constructor(paths: RegionPaths, processes: HostProcesses) {
    this.#processes = processes;
    this.#lanes = createLaneReader({ thread: false });
    this.#regions = new SourceRunner(createSharedMemorySource({ path: paths.shm }));
    const { procfs: path, sysfs: sysfsPath } = paths;
    this.#procfs = new SourceRunner(createProcfsSource({ path, sysfsPath, lanes: this.#lanes }));
  }

  /** Undefined where it was not over in time. `cards`: for telling which container's regions can be believed. */
  async look(cards: readonly Card[], onError: (error: ReadError) => void): Promise<RegionLook | undefined> {
    const collection = new Collection(performance.now() + LOOK_MS);
    const regions = collection.ensure(this.#regions, () => undefined);
    const procfs = collection.ensure(this.#procfs, () => undefined);
    await regions.done;
    const reading = regions.state().data as SharedMemoryReading | undefined;
    collection.setWantedFiles(reading === undefined ? [] : wantedFiles(reading));
    await procfs.done;
    for (const error of [...regions.state().errors, ...procfs.state().errors]) onError(error);
    const holders = procfs.state().data as ProcfsReading | undefined;
    if (!isOver(regions) || !isOver(procfs) || reading === undefined || holders === undefined) return undefined;
    return { seconds: Date.now() / 1000, regions: this.#believed(reading.regions, holders, cards) };
  }

  async close(): Promise<void> {
    await Promise.all([this.#regions.source.close(), this.#procfs.source.close()]);
    await this.#lanes.close();
  }

  #believed(readings: readonly RegionReading[], procfs: ProcfsReading, cards: readonly Card[]): SeenRegion[] {
    const chips = resolveRegions(readings, cards, procfs);
    const trust = new RegionTrust(readings, chips, cards, procfs);
    return readings
      .filter((reading) => trust.isTrusted(reading, chips.get(reading)))
      .flatMap((reading) => this.#describe(reading, procfs) ?? []);
  }

  #describe(reading: RegionReading, procfs: ProcfsReading): SeenRegion | undefined {
    const { region, file, nameId } = reading;
    if (region === undefined || file === undefined) return undefined;
    const owners = trackRegion(reading, procfs, []).processes ?? [];
    const slots = region.slots.map(({ pid, bytes, lastUpdateSeconds }, index): SeenSlot => {
      const owner = this.#owner(owners[index]?.hostPid, procfs);
      return { key: `${fileKey(file)} ${pid}`, pid, bytes, lastUpdateSeconds, owner };
    });
    return { chipId: nameId, totals: region.totals, lastUpdateSeconds: region.lastUpdateSeconds, slots };
  }

  /** The PID may have passed to another process since procfs was read. */
  #owner(hostPid: number | undefined, procfs: ProcfsReading): SlotOwner | undefined {
    const process = hostPid === undefined ? undefined : this.#processes.look(hostPid);
    if (process === undefined) return undefined;
    const startSeconds = this.#processes.startSeconds(process.stat.startTicks);
    const then = procfs.processes.get(process.pid)?.startTimeSeconds;
    const isOther = startSeconds !== undefined && then !== undefined && !isSameStart(startSeconds, then);
    return isOther ? undefined : { process, startSeconds };
  }
}

function isOver(run: SourceRun<unknown>): boolean {
  return run.state().outcome !== undefined;
}
