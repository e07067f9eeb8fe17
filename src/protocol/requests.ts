import { newFrame } from './frame-writer.ts';
import { EXTENSION_BUFFER_ID, EXTENSION_DIALECT } from './extension.ts';
import type { Dialect } from './layout.ts';
import { ALL_DEVICES, MESSAGE } from './messages.ts';

/** Asks for a device's totals; answered by RESPONSE. */
export function encodeQuery(dialect: Dialect, deviceId: number): Buffer {
  return newFrame(dialect, { type: MESSAGE.QUERY, deviceId });
}

/**
 * The one request whose answer's size tells the server's dialect: 72 bytes, which every server takes for a whole
 * message. Its `buffer_id` says to a server with the extension that it is a probe, to be answered in dialect C.
 */
export function encodeProbe(): Buffer {
  return newFrame('A', { type: MESSAGE.QUERY, deviceId: 0, bufferId: EXTENSION_BUFFER_ID });
}

/** Asks for a device's capacity; ALL_DEVICES asks for the number of devices. Dialect A has no such request. */
export function encodeDeviceInfoQuery(dialect: 'B' | 'C', deviceId: number = ALL_DEVICES): Buffer {
  return newFrame(dialect, { type: MESSAGE.DEVICE_INFO_QUERY, deviceId });
}

/** Asks for the whole snapshot document. */
export function encodeSnapshotQuery(): Buffer {
  return newFrame(EXTENSION_DIALECT, { type: MESSAGE.SNAPSHOT_QUERY, deviceId: ALL_DEVICES });
}

/** Makes the server print what it holds; there is no answer. DUMP_KERNELS is of dialect C alone. */
export function encodeDump(dialect: Dialect, what: 'DUMP_REMAINING' | 'DUMP_KERNELS'): Buffer {
  return newFrame(dialect, { type: MESSAGE[what], deviceId: 0 });
}
