import assert from 'node:assert/strict';
import type { Books } from '../../../src/allocation-server/books/types.ts';
import { DOCUMENT_TYPES } from '../../../src/protocol/snapshot-document.ts';
import { takeDocument } from '../../../src/sources/allocation-server/from-document.ts';
import { Plausibility } from '../../../src/sources/allocation-server/plausible.ts';
import { newDraft, readingOf } from '../../../src/sources/allocation-server/reading-draft.ts';
import { takeSnapshot } from '../../allocation-server/books/take-snapshot.ts';
import { checkPage } from './page.ts';

/** The allocation server's books agree with themselves, and what they say is a page. */
export function checkBooks(books: Books): void {
  const document = takeSnapshot(books);
  for (const { id, liveBytes, processes } of document.devices) {
    for (const type of DOCUMENT_TYPES) {
      const held = processes.reduce((sum, process) => sum + (process.liveBytes[type] ?? 0), 0);
      assert.equal(liveBytes[type] ?? 0, held, `device ${id}, ${type}`);
    }
  }
  const draft = newDraft();
  takeDocument(draft, document, new Plausibility([]));
  checkPage({ allocationServer: readingOf(draft, 'up') });
}
