import { announcedExtension } from '../../protocol/extension.ts';
import { FRAME_BYTES } from '../../protocol/layout.ts';
import type { Dialect } from '../../protocol/layout.ts';
import { STOCK_DEVICES } from '../../protocol/messages.ts';
import type { ServerConnection } from './connection.ts';
import { askForDocument } from './document-scrape.ts';
import { takeDocument } from './from-document.ts';
import type { Plausibility } from './plausible.ts';
import type { ReadingDraft } from './reading-draft.ts';
import { askAboutAll, askAboutDevices, deviceCount } from './stock-scrape.ts';

/**
 * Asks a server everything, on one connection and in its own dialect, and fills the draft as answers come. Throws
 * PeerError or ProtocolError; what is in the draft then had come whole.
 */
export async function converse(
  connection: ServerConnection,
  dialect: Dialect,
  draft: ReadingDraft,
  plausibility: Plausibility,
): Promise<void> {
  draft.dialect = dialect;
  let count = STOCK_DEVICES;
  if (dialect !== 'A') {
    const all = await askAboutAll(connection, dialect);
    draft.extension = dialect === 'C' ? announcedExtension(all.bufferId) : undefined;
    if (draft.extension !== undefined) {
      draft.startTimeSeconds = all.timestamp === 0n ? undefined : Number(all.timestamp) / 1e9;
      const document = await askForDocument(connection, FRAME_BYTES[dialect], plausibility);
      takeDocument(draft, document, plausibility);
      return;
    }
    count = deviceCount(all, plausibility);
  }
  await askAboutDevices(connection, dialect, count, plausibility, (device) => draft.devices.push(device));
  await connection.readEnd();
}
