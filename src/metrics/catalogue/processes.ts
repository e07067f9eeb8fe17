import type { Family } from '../family.ts';
import { byDevice, perDevice } from './drawing.ts';
import { PROCESS_INFO } from './process-info.ts';

/** Who the processes are that hold chips or memory. */
export const PROCESS_FAMILIES: readonly Family[] = [
  PROCESS_INFO,
  {
    name: 'tt_process_alive',
    type: 'gauge',
    unit: undefined,
    help: 'Whether the process lives: 1, or 0 where it is proven gone. Absent where it cannot be known, which is not death.',
    labels: ['pid'],
    group: 'processes',
    draw(snapshot, sink) {
      for (const { pid, alive } of snapshot.processes) if (alive !== undefined) sink.sample(alive ? 1 : 0, pid);
    },
  },
  {
    name: 'tt_process_start_time_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'When the process started, in seconds since the Unix epoch: tells a PID that is used again from the one before.',
    labels: ['pid'],
    group: 'processes',
    draw(snapshot, sink) {
      for (const { pid, startTimeSeconds } of snapshot.processes) {
        if (startTimeSeconds !== undefined) sink.sample(startTimeSeconds, pid);
      }
    },
  },
  {
    name: 'tt_process_open_devices',
    type: 'gauge',
    unit: undefined,
    help: "Descriptors of the chip's /dev/tenstorrent node that the process has opened. One that was inherited counts for the process that opened it.",
    labels: ['device', 'pid'],
    group: 'processes',
    ...byDevice({
      source: ({ holders }) => holders?.byPid,
      draw({ label, holders }, sink) {
        for (const { pid, descriptors } of holders?.byPid ?? []) sink.sample(descriptors, label, pid);
      },
    }),
  },
  {
    name: 'tt_device_holders',
    type: 'gauge',
    unit: undefined,
    help: "Open descriptors of the chip's /dev/tenstorrent node, of all processes, those that cannot be seen included. It is not the number of processes.",
    labels: ['device'],
    group: 'processes',
    draw: perDevice((device) => device.holders?.descriptors),
  },
  {
    name: 'tt_device_holders_invisible',
    type: 'gauge',
    unit: undefined,
    help: "Those of tt_device_holders whose processes cannot be seen from the exporter's PID namespace.",
    labels: ['device'],
    group: 'processes',
    draw: perDevice((device) => device.holders?.invisible),
  },
];
