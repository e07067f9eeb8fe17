import { TRACKER_STATES } from '../../snapshot/snapshot.ts';
import type { Family } from '../family.ts';
import { perDevice } from './drawing.ts';

/** `absent` says that there is no region, so no region is in it. */
export const REGION_STATES = TRACKER_STATES.filter((state) => state !== 'absent');

/** Where a chip's memory numbers are from, and whether they can be believed. */
export const TRACKER_FAMILIES: readonly Family[] = [
  {
    name: 'tt_memory_tracker_info',
    type: 'gauge',
    unit: undefined,
    help: "Where the chip's memory numbers are from, and in which dialect or layout; always 1. Other trackers of the chip are read but not added.",
    labels: ['device', 'source', 'version'],
    group: 'memory',
    draw(snapshot, sink) {
      for (const { label, memory } of snapshot.devices) {
        if (memory !== undefined) sink.sample(1, label, memory.source, memory.version);
      }
    },
  },
  {
    name: 'tt_memory_tracker_state',
    type: 'gauge',
    unit: undefined,
    help: 'State of each tracker of the chip, the worst of its regions: 1 for the state it is in, 0 for the others. absent means that nothing reports, not that nothing is allocated.',
    labels: ['device', 'source', 'state'],
    group: 'memory',
    draw(snapshot, sink) {
      for (const { label, trackers } of snapshot.devices) {
        for (const tracker of trackers) {
          for (const state of TRACKER_STATES)
            sink.sample(tracker.state === state ? 1 : 0, label, tracker.source, state);
        }
      }
    },
  },
  {
    name: 'tt_memory_regions',
    type: 'gauge',
    unit: undefined,
    help: 'Shared memory regions of the chip by state: several containers have a region each. Regions that this process cannot see are not in it.',
    labels: ['device', 'state'],
    group: 'memory',
    draw(snapshot, sink) {
      for (const { label, regions } of snapshot.devices) {
        if (regions === undefined) continue;
        for (const state of REGION_STATES) sink.sample(regions.get(state) ?? 0, label, state);
      }
    },
  },
  {
    name: 'tt_memory_region_slots_used',
    type: 'gauge',
    unit: undefined,
    help: "Process slots in use in the chip's shared memory region, of 64; the fullest one where there are several. Beyond 64, processes are in the totals at most, and are told apart no more.",
    labels: ['device'],
    group: 'memory',
    draw: perDevice((device) => device.regionSlotsUsed),
  },
  {
    name: 'tt_memory_last_update_timestamp_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'When the tracker saw the last allocation or free on the chip, in seconds since the Unix epoch. Attaching moves nothing, so old does not mean dead.',
    labels: ['device', 'source'],
    group: 'memory',
    draw(snapshot, sink) {
      for (const { label, trackers } of snapshot.devices) {
        for (const { source, lastUpdateSeconds } of trackers) {
          if (lastUpdateSeconds !== undefined) sink.sample(lastUpdateSeconds, label, source);
        }
      }
    },
  },
];
