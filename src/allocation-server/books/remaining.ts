import { DOCUMENT_TYPES } from '../../protocol/snapshot-document.ts';
import type { Holding } from './holdings.ts';
import type { Ledger } from './ledger.ts';
import { TYPE } from './memory-rows.ts';
import type { RemainingBuffer, RemainingSum } from './types.ts';

/** Every buffer that is held, in no order. Buffers that move meanwhile may be there twice or be missed. */
export function* remainingBuffers({ buffers, holdings }: Ledger): Generator<RemainingBuffer, undefined> {
  for (let at = 0; at < buffers.places; at++) {
    const holding = buffers.isUsed(at) ? holdings.at(buffers.ownerOf(at)) : undefined;
    const type = DOCUMENT_TYPES[buffers.typeOf(at)];
    if (holding === undefined || type === undefined) continue;
    yield {
      deviceId: holding.device.id,
      process: holding.process.facts,
      type,
      bufferId: buffers.idOf(at),
      size: buffers.sizeOf(at),
      references: buffers.countOf(at),
      allocatedSeconds: buffers.timeOf(at),
    };
  }
}

/** By holding, where there is any. */
export function remainingSums(ledger: Ledger, type: 'cb' | 'kernel'): RemainingSum[] {
  const sums: RemainingSum[] = [];
  for (let index = 0; index < ledger.holdings.top; index++) {
    const holding: Holding | undefined = ledger.holdings.at(index);
    if (holding === undefined) continue;
    const [bytes, buffers] = [ledger.liveBytes(holding, TYPE[type]), ledger.liveBuffers(holding, TYPE[type])];
    if (bytes === 0 && buffers === 0) continue;
    sums.push({ deviceId: holding.device.id, process: holding.process.facts, bytes, buffers });
  }
  return sums;
}
