import { encodeDeviceInfoResponse, encodeResponse, NO_DEVICE_FIELDS } from '../../protocol/answers.ts';
import type { DeviceFields } from '../../protocol/answers.ts';
import { EXTENSION_BUFFER_ID } from '../../protocol/extension.ts';
import type { Dialect } from '../../protocol/layout.ts';
import { ALL_DEVICES, ARCHITECTURES } from '../../protocol/messages.ts';
import type { Books, DeviceFacts } from '../books/types.ts';

/** Monitors ask about every device below the number that they are told: no client's claim may make that large. */
const MAX_DEVICES_TOLD = 64;

/** Bytes of a DRAM channel as TT-Metal counts them: 12 of 1 GiB on Wormhole, 8 of 4 GiB on Blackhole. */
const CHANNEL_BYTES: ReadonlyMap<string, number> = new Map([
  ['wormhole', 2 ** 30],
  ['blackhole', 2 ** 32],
]);

/** The answer to QUERY, in the asker's dialect. */
export function totalsAnswer(books: Books, dialect: Dialect, deviceId: number): Buffer {
  return encodeResponse(dialect, deviceId, books.stockTotals(deviceId));
}

/** The answer to DEVICE_INFO_QUERY. `startedAt`: the server's start, ns since the Unix epoch. */
export function deviceInfoAnswer(books: Books, dialect: 'B' | 'C', deviceId: number, startedAt: bigint): Buffer {
  if (deviceId !== ALL_DEVICES) {
    return encodeDeviceInfoResponse(dialect, deviceId, deviceFields(books.deviceFacts(deviceId)));
  }
  const count = deviceCount(books);
  const fields = { ...NO_DEVICE_FIELDS, isAvailable: count > 0 ? 1 : 0, numDevices: count };
  const announcement = { bufferId: EXTENSION_BUFFER_ID, timestamp: startedAt };
  return encodeDeviceInfoResponse(dialect, deviceId, fields, { announcement });
}

/** Ids count from 0: whoever asks about all below this one misses none that can be told. */
function deviceCount(books: Books): number {
  return books.deviceIds().reduce((count, id) => (id < MAX_DEVICES_TOLD ? Math.max(count, id + 1) : count), 0);
}

function deviceFields(facts: DeviceFacts | undefined): DeviceFields {
  if (facts === undefined) return NO_DEVICE_FIELDS;
  const { dramBytes = 0, l1Bytes = 0, l1BytesPerCore = 0 } = facts.capacity;
  const channel = CHANNEL_BYTES.get(facts.architecture ?? '');
  return {
    ...NO_DEVICE_FIELDS,
    totalDramSize: dramBytes,
    totalL1Size: l1Bytes,
    archType: Math.max(
      0,
      ARCHITECTURES.findIndex((name) => name !== undefined && name === facts.architecture),
    ),
    dramChannels: channel === undefined ? 0 : Math.floor(dramBytes / channel),
    // The field has 32 bits: 0 says that a channel of 4 GiB does not fit.
    dramSizePerChannel: channel === undefined || dramBytes === 0 ? 0 : channel % 2 ** 32,
    l1SizePerCore: l1BytesPerCore,
    isAvailable: 1,
  };
}
