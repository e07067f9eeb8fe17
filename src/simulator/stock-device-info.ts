import { NO_DEVICE_FIELDS } from '../protocol/answers.ts';
import type { DeviceFields, RingFields } from '../protocol/answers.ts';
import { ARCHITECTURES } from '../protocol/messages.ts';
import type { Architecture } from '../protocol/messages.ts';

/** A device as a simulated stock server opened it. */
export interface SimulatedDevice {
  readonly arch: Architecture;
  readonly dramBytes: number;
  readonly dramChannels: number;
  /** As the server says it, which may be from before harvesting. */
  readonly l1Bytes: number;
  readonly l1BytesPerCore: number;
  /** Dialect C. */
  readonly ring?: RingFields;
}

/** What the stock server says of one device; undefined: one that it did not find. */
export function deviceFields(dialect: 'B' | 'C', device: SimulatedDevice | undefined): DeviceFields {
  if (device === undefined) return NO_DEVICE_FIELDS;
  // The field has 32 bits: channels of 4 GiB overflow it to 0, and B computes the total from what is left.
  const dramSizePerChannel = Math.floor(device.dramBytes / device.dramChannels) % 2 ** 32;
  return {
    totalDramSize: dialect === 'B' ? dramSizePerChannel * device.dramChannels : device.dramBytes,
    totalL1Size: device.l1Bytes,
    archType: ARCHITECTURES.indexOf(device.arch),
    dramChannels: device.dramChannels,
    dramSizePerChannel,
    l1SizePerCore: device.l1BytesPerCore,
    isAvailable: 1,
    numDevices: 0,
  };
}

/** What the stock server says of all devices. */
export function allDevicesFields(count: number): DeviceFields {
  return { ...NO_DEVICE_FIELDS, isAvailable: count > 0 ? 1 : 0, numDevices: count };
}
