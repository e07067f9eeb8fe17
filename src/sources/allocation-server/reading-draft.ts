import type { AllocationServerReading, Dialect, EndedProcess, ServerDevice, WatchedChip } from './types.ts';

/** A reading while it grows: what is in it is whole, device by device. */
export interface ReadingDraft {
  dialect: Dialect | undefined;
  extension: number | undefined;
  startTimeSeconds: number | undefined;
  devices: ServerDevice[];
  endedProcesses: readonly EndedProcess[];
  watchedChips: readonly WatchedChip[];
  messages: ReadonlyMap<string, number> | undefined;
  rejectedMessages: ReadonlyMap<string, number> | undefined;
  connections: number | undefined;
}

export function newDraft(): ReadingDraft {
  return {
    dialect: undefined,
    extension: undefined,
    startTimeSeconds: undefined,
    devices: [],
    endedProcesses: [],
    watchedChips: [],
    messages: undefined,
    rejectedMessages: undefined,
    connections: undefined,
  };
}

/** What has been read by now; it does not change when the draft grows. */
export function readingOf(draft: ReadingDraft, status: AllocationServerReading['status']): AllocationServerReading {
  return { status, ...draft, devices: [...draft.devices] };
}
