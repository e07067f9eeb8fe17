import { decodeReport } from '../../src/protocol/decode-report.ts';
import { dialectOfSize } from '../../src/protocol/layout.ts';
import type { Report } from '../../src/protocol/reports.ts';

/** The reports in these bytes, which must be whole frames. */
export function reportsIn(bytes: Buffer, frameBytes: number): Report[] {
  if (bytes.length % frameBytes !== 0) throw new Error(`${bytes.length} bytes are not whole frames of ${frameBytes}`);
  const dialect = dialectOfSize(frameBytes) ?? 'C';
  return Array.from({ length: bytes.length / frameBytes }, (_, index) =>
    decodeReport(dialect, bytes.subarray(index * frameBytes, (index + 1) * frameBytes)),
  );
}

/** The same bytes with process_id and timestamp of every frame as zeros: what differs between two runs. */
export function withoutOrigin(bytes: Buffer, frameBytes: number): Buffer {
  const copy = Buffer.from(bytes);
  for (let at = 0; at + frameBytes <= copy.length; at += frameBytes) {
    copy.fill(0, at + 20, at + 24);
    copy.fill(0, at + 32, at + 40);
  }
  return copy;
}

/** What a server that took these reports believes is live: bytes by `kind:device:id`, the latest one freed first. */
export function liveAfter(reports: readonly Report[]): Record<string, number[]> {
  const live = new Map<string, number[]>();
  for (const report of reports) {
    if (!('bufferId' in report)) continue;
    const kind = report.kind.startsWith('cb') ? 'cb' : report.kind.startsWith('kernel') ? 'kernel' : 'buffer';
    const key = `${kind}:${report.deviceId}:${report.bufferId}`;
    const stack = live.get(key) ?? [];
    if (report.kind === 'free' || report.kind === 'cb_free' || report.kind === 'kernel_unload') stack.pop();
    else stack.push(Number(report.size));
    if (stack.length === 0) live.delete(key);
    else live.set(key, stack);
  }
  return Object.fromEntries([...live].sort(([a], [b]) => (a < b ? -1 : 1)));
}
