import type { QueryResult } from '../../support/prometheus.ts';

/** What an expression gives at a time, in seconds since the epoch. */
export async function instantQuery(url: string, query: string, time: number): Promise<QueryResult[]> {
  const body = new URLSearchParams({ query, time: String(time) });
  const response = await fetch(`${url}/api/v1/query`, { method: 'POST', body });
  const answer = (await response.json()) as {
    readonly data?: { readonly result: QueryResult[] };
    readonly error?: string;
  };
  if (answer.data === undefined) throw new Error(`${query}: ${answer.error ?? ''}`);
  return answer.data.result;
}
