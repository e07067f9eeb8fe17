import { FIRST_LOAD_PID, LOAD_PID_STEP } from '../../src/simulator/galaxy-load.ts';
import type { SimulatedHost } from '../../src/simulator/hosts.ts';
import { RegionWriter } from '../../src/simulator/region-writer.ts';

const TYPES = ['dram', 'l1', 'l1_small', 'trace', 'cb'] as const;

/** Gives what makes every number of every process on a Galaxy under load another one than it was. */
export function memoryChanger(host: SimulatedHost, processes: number, undo: AsyncDisposableStack): () => void {
  const writers = host.cards.map((_, chip) => {
    const { chipId } = host.chip(chip);
    const writer = RegionWriter.open(host.regionPath(chip), { version: 4, chipId, deviceId: chip });
    undo.defer(() => {
      writer.die();
    });
    return writer;
  });
  let more = false;
  return () => {
    more = !more;
    for (const writer of writers) {
      for (let process = 0; process < processes; process++) {
        const pid = FIRST_LOAD_PID + LOAD_PID_STEP * process;
        for (const type of TYPES) {
          if (more) writer.allocate(pid, type, 64);
          else writer.free(pid, type, 64);
        }
      }
    }
  };
}
