import { errorText } from '../log/log.ts';
import { viewOfPage } from './from-page.ts';
import { readPage } from './page-samples.ts';
import type { HostSource } from './types.ts';

/** A page of a Galaxy is 1.5 MB; more than this is no exporter's. */
const MAX_PAGE_BYTES = 64 * 2 ** 20;

/** A host that another exporter reads. `url`: of its page, of whatever path; a path of `/` stands for /metrics. */
export function remoteHost(url: URL, timeoutMs: number): HostSource {
  const page = url.pathname === '/' ? new URL('/metrics', url) : url;
  return {
    read: async () => {
      const takenAtSeconds = Date.now() / 1000;
      const text = await fetchPage(page, timeoutMs);
      const view = viewOfPage(readPage(text), takenAtSeconds);
      if (!text.includes('tt_exporter_'))
        throw new Error(`${page.href} is no page of this exporter: give another --from`);
      return view;
    },
    close: () => Promise.resolve(),
    stuck: () => false,
  };
}

async function fetchPage(page: URL, timeoutMs: number): Promise<string> {
  try {
    const response = await fetch(page, {
      signal: AbortSignal.timeout(timeoutMs),
      headers: { accept: 'text/plain;version=0.0.4', 'x-prometheus-scrape-timeout-seconds': `${timeoutMs / 1000}` },
    });
    if (!response.ok) throw new Error(`it answered with status ${response.status}`);
    return await bounded(response);
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new Error(`${page.href} cannot be read: ${errorText(cause)}; does the exporter run there?`, { cause: error });
  }
}

async function bounded(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  const body: AsyncIterable<Uint8Array> | undefined = response.body ?? undefined;
  if (body === undefined) return '';
  for await (const part of body) {
    bytes += part.byteLength;
    if (bytes > MAX_PAGE_BYTES) throw new Error(`its page is longer than ${MAX_PAGE_BYTES} bytes`);
    text += decoder.decode(part, { stream: true });
  }
  return text + decoder.decode();
}
