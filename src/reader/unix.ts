import { createConnection } from 'node:net';
import type { Link } from './supervisor.ts';

/** Connects to a reader that somebody else has started. */
export function connectReader(path: string): Link {
  const stream = createConnection({ path });
  let failure: string | undefined;
  stream.on('error', (error) => {
    failure = error.message;
  });
  const gone = new Promise<string>((resolve) => {
    stream.once('close', () => {
      resolve(failure ?? 'connection closed');
    });
  });
  return {
    stream,
    gone,
    abandon: () => {
      stream.destroy();
    },
  };
}
