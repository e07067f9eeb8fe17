import type { ReadError } from '../source.ts';
import type { FolderLook } from './remembered-folder.ts';

/** What to say of a look at a folder; one that is not there is not worth a word. */
export function folderErrors(path: string, look: FolderLook<unknown>): ReadError[] {
  switch (look.kind) {
    case 'absent':
      return [];
    case 'read':
      if (!look.more) return [];
      return [
        { reason: 'too_many_entries', message: `${path} has more entries than are looked at: names are missing` },
      ];
    case 'late':
      return [{ reason: 'deadline', message: `${path} was not listed in time: is its disk slow?` }];
    case 'failed':
      return [failure(path, look.code)];
  }
}

function failure(path: string, code: string): ReadError {
  if (code === 'EACCES' || code === 'EPERM') {
    const message = `${path} may not be listed (${code}): give the exporter the right to read it, or CAP_DAC_READ_SEARCH`;
    return { reason: 'denied', message };
  }
  if (code === 'ENOTDIR') return { reason: 'not_a_folder', message: `${path} is no folder: give another path` };
  return { reason: 'unreadable', message: `${path} cannot be listed (${code})` };
}
