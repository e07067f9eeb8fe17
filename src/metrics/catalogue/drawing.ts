import type { MemoryBytes } from '../../snapshot/memory-types.ts';
import type { DeviceSnapshot } from '../../snapshot/snapshot.ts';
import type { DevicePart, Family, SampleSink } from '../family.ts';

/** Which types a family of bytes by type has; `all`: both memories'. */
export type Memory = 'l1' | 'dram' | 'all';

/** Draws one sample a device, where `read` knows a number. For a family with the label `device` alone. */
export function perDevice(read: (device: DeviceSnapshot) => number | undefined): Family['draw'] {
  return (snapshot, sink) => {
    for (const device of snapshot.devices) {
      const value = read(device);
      if (value !== undefined) sink.sample(value, device.label);
    }
  };
}

/** Draws one sample a device and type, where `read` knows bytes. For a family with the labels `device`, `type`. */
export function perDeviceAndType(
  memory: Memory,
  read: (device: DeviceSnapshot) => Readonly<MemoryBytes> | undefined,
): Family['draw'] {
  return (snapshot, sink) => {
    for (const device of snapshot.devices) {
      const bytes = read(device);
      if (bytes === undefined) continue;
      if (memory !== 'dram') drawL1(sink, bytes, device.label);
      if (memory !== 'l1') drawDram(sink, bytes, device.label);
    }
  };
}

/** A family that is drawn device by device. */
export function byDevice(part: DevicePart): Pick<Family, 'draw' | 'byDevice'> {
  return {
    byDevice: part,
    draw(snapshot, sink) {
      for (const device of snapshot.devices) part.draw(device, sink);
    },
  };
}

// The types are spelled out below: property reads of one shape are many times faster than reads by a computed name.

/** The L1 types of a device that are known: labels `device`, `type`. */
export function drawL1(sink: SampleSink, bytes: Readonly<MemoryBytes>, device: string): void {
  if (bytes.l1 !== undefined) sink.sample(bytes.l1, device, 'l1');
  if (bytes.l1_small !== undefined) sink.sample(bytes.l1_small, device, 'l1_small');
  if (bytes.cb !== undefined) sink.sample(bytes.cb, device, 'cb');
  if (bytes.kernel !== undefined) sink.sample(bytes.kernel, device, 'kernel');
}

/** The DRAM types of a device that are known: labels `device`, `type`. */
export function drawDram(sink: SampleSink, bytes: Readonly<MemoryBytes>, device: string): void {
  if (bytes.dram !== undefined) sink.sample(bytes.dram, device, 'dram');
  if (bytes.trace !== undefined) sink.sample(bytes.trace, device, 'trace');
}

/** The L1 types of a process on a device that are known: labels `device`, `pid`, `type`. */
export function drawProcessL1(sink: SampleSink, bytes: Readonly<MemoryBytes>, device: string, pid: string): void {
  if (bytes.l1 !== undefined) sink.sample(bytes.l1, device, pid, 'l1');
  if (bytes.l1_small !== undefined) sink.sample(bytes.l1_small, device, pid, 'l1_small');
  if (bytes.cb !== undefined) sink.sample(bytes.cb, device, pid, 'cb');
  if (bytes.kernel !== undefined) sink.sample(bytes.kernel, device, pid, 'kernel');
}

/** The DRAM types of a process on a device that are known: labels `device`, `pid`, `type`. */
export function drawProcessDram(sink: SampleSink, bytes: Readonly<MemoryBytes>, device: string, pid: string): void {
  if (bytes.dram !== undefined) sink.sample(bytes.dram, device, pid, 'dram');
  if (bytes.trace !== undefined) sink.sample(bytes.trace, device, pid, 'trace');
}
