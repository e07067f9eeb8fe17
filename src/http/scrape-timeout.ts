const DEFAULT_MS = 10_000;
const MIN_MS = 100;
const MAX_MS = 300_000;

/**
 * How long a page may take, in milliseconds: what Prometheus says (`X-Prometheus-Scrape-Timeout-Seconds`) less the
 * offset; 10 s where it says nothing, or nothing that can be understood.
 */
export function scrapeTimeoutMs(header: string | undefined, offsetSeconds: number): number {
  const seconds = header !== undefined && /^\d{1,9}(\.\d{1,9})?$/.test(header) ? Number(header) : 0;
  if (seconds === 0) return DEFAULT_MS;
  return Math.min(MAX_MS, Math.max(MIN_MS, Math.round((seconds - offsetSeconds) * 1000)));
}
