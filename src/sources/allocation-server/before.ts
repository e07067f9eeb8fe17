import { PeerError } from './peer-error.ts';

/** What the promise gives, unless the signal is aborted first: then PeerError `deadline`, and nobody waits for it. */
export async function before<T>(signal: AbortSignal, promise: Promise<T>, late: string): Promise<T> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = (): void => {
    reject(new PeerError('deadline', late));
  };
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
