import { decodeDeviceInfoResponse, decodeResponse } from '../../protocol/decode-answers.ts';
import type { DeviceInfoResponse } from '../../protocol/decode-answers.ts';
import { FRAME_BYTES } from '../../protocol/layout.ts';
import type { Dialect } from '../../protocol/layout.ts';
import { ALL_DEVICES, STOCK_DEVICES } from '../../protocol/messages.ts';
import { encodeDeviceInfoQuery, encodeQuery } from '../../protocol/requests.ts';
import type { ServerConnection } from './connection.ts';
import type { Plausibility } from './plausible.ts';
import { stockDevice } from './stock-device.ts';
import type { ServerDevice } from './types.ts';

/** Requests that are on their way at a time; the next ones wait for their answers. */
const MAX_BATCH_BYTES = 4096;

/** More devices than any host has; a stock server knows 8. */
const MAX_DEVICES = 256;

/** What a server says about all devices. */
export async function askAboutAll(connection: ServerConnection, dialect: 'B' | 'C'): Promise<DeviceInfoResponse> {
  connection.send(encodeDeviceInfoQuery(dialect, ALL_DEVICES), FRAME_BYTES[dialect]);
  return decodeDeviceInfoResponse(dialect, await connection.read(FRAME_BYTES[dialect]), ALL_DEVICES);
}

/**
 * How many devices to ask about. A server that could not open any says 0, and counts all the same; a number that
 * cannot be is left out: both as in dialect A, which does not say it.
 */
export function deviceCount(all: DeviceInfoResponse, plausibility: Plausibility): number {
  const devices = plausibility.size(all.numDevices, MAX_DEVICES, ALL_DEVICES, 'num_devices');
  return devices === undefined || devices === 0 ? STOCK_DEVICES : devices;
}

/** Asks about devices 0 to `count` - 1, and gives each as soon as all about it has come. Throws PeerError, ProtocolError. */
export async function askAboutDevices(
  connection: ServerConnection,
  dialect: Dialect,
  count: number,
  plausibility: Plausibility,
  give: (device: ServerDevice) => void,
): Promise<void> {
  const frame = FRAME_BYTES[dialect];
  const perDevice = dialect === 'A' ? frame : 2 * frame;
  const perBatch = Math.floor(MAX_BATCH_BYTES / perDevice);
  for (let first = 0; first < count; first += perBatch) {
    const ids = Array.from({ length: Math.min(perBatch, count - first) }, (_, index) => first + index);
    connection.send(Buffer.concat(ids.flatMap((id) => requests(dialect, id))), ids.length * perDevice);
    if (first + perBatch >= count) connection.finish();
    for (const id of ids) {
      const totals = decodeResponse(dialect, await connection.read(frame), id);
      const info = dialect === 'A' ? undefined : decodeDeviceInfoResponse(dialect, await connection.read(frame), id);
      give(stockDevice(totals, info, plausibility));
    }
  }
}

function requests(dialect: Dialect, id: number): Buffer[] {
  const query = encodeQuery(dialect, id);
  return dialect === 'A' ? [query] : [query, encodeDeviceInfoQuery(dialect, id)];
}
