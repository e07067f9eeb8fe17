import type { TotalsFields } from '../../protocol/answers.ts';
import type { Device } from './devices.ts';
import { DEVICE, FIELD, TYPE } from './memory-rows.ts';

/** A device's live bytes as stock monitors know them: they count SYSTEM_MEMORY as L1_SMALL. */
export function stockTotals(device: Device | undefined): TotalsFields {
  const live = (type: number): number => device?.row[type * DEVICE.type + FIELD.LIVE_BYTES] ?? 0;
  return {
    dram: live(TYPE.dram),
    l1: live(TYPE.l1),
    l1Small: live(TYPE.l1_small) + live(TYPE.host),
    trace: live(TYPE.trace),
    cb: live(TYPE.cb),
    kernel: live(TYPE.kernel),
  };
}
