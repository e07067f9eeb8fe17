/** A limit that a figure is to keep. */
export interface Target {
  readonly limit: number;
  readonly is: 'at most' | 'at least';
  /** What the limit is about, where the row does not say it. */
  readonly of?: string;
}

const SIGNS = { 'at most': '≤', 'at least': '≥' } as const;

/** `≤ 0.25 of Go: holds`, or `missed`; '' where there is no figure. */
export function judge(figure: number | undefined, { limit, is, of = '' }: Target): string {
  if (figure === undefined || Number.isNaN(figure)) return '';
  const holds = is === 'at most' ? figure <= limit : figure >= limit;
  return `${SIGNS[is]} ${limit}${of}: ${holds ? 'holds' : '**missed**'}`;
}

export function judgements(...texts: readonly string[]): string {
  return texts.filter((text) => text !== '').join('; ');
}
