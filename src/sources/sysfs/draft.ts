import type { CardState, FirmwareComponent, PcieErrorCount, RejectedReading } from './types.ts';
import type { RejectReason } from './plausibility.ts';

interface SensorDraft {
  value: number | undefined;
  limit: number | undefined;
}

interface LinkDraft {
  speed: number | undefined;
  width: number | undefined;
}

/** A card while its files are gone through. */
export interface CardDraft {
  deviceId: number | undefined;
  subsystemId: number | undefined;
  numaNode: number | undefined;
  deviceNumber: { major: number; minor: number } | undefined;
  cardType: string | undefined;
  serial: bigint | undefined;
  asicId: bigint | undefined;
  readonly firmware: { component: FirmwareComponent; version: string }[];
  readonly temperature: SensorDraft;
  readonly voltage: SensorDraft;
  readonly current: SensorDraft;
  readonly power: SensorDraft;
  /** As the file has it: what it means depends on the board. */
  fanRaw: number | undefined;
  readonly clocks: { ai: number | undefined; axi: number | undefined; arc: number | undefined };
  heartbeat: number | undefined;
  thermalTrips: number | undefined;
  /** As the files have them. */
  readonly link: LinkDraft;
  readonly maxLink: LinkDraft;
  readonly pcieErrors: PcieErrorCount[];
  readonly rejected: RejectedReading[];
  state: CardState | undefined;
}

export function emptyDraft(): CardDraft {
  return {
    deviceId: undefined,
    subsystemId: undefined,
    numaNode: undefined,
    deviceNumber: undefined,
    cardType: undefined,
    serial: undefined,
    asicId: undefined,
    firmware: [],
    temperature: { value: undefined, limit: undefined },
    voltage: { value: undefined, limit: undefined },
    current: { value: undefined, limit: undefined },
    power: { value: undefined, limit: undefined },
    fanRaw: undefined,
    clocks: { ai: undefined, axi: undefined, arc: undefined },
    heartbeat: undefined,
    thermalTrips: undefined,
    link: { speed: undefined, width: undefined },
    maxLink: { speed: undefined, width: undefined },
    pcieErrors: [],
    rejected: [],
    state: undefined,
  };
}

/** Notes a rejected reading, once for a sensor and a reason: voltage, current and power are one sensor, `vcore`. */
export function reject(draft: CardDraft, sensor: string, reason: RejectReason): void {
  if (draft.rejected.some((known) => known.sensor === sensor && known.reason === reason)) return;
  draft.rejected.push({ sensor, reason });
}
