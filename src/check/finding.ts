import type { SourceState } from '../sources/source.ts';
import type { Finding } from './types.ts';

/** As many of a kind are told one by one. */
const MOST_TOLD = 8;

export function ok(area: string, summary: string): Finding {
  return { area, state: 'ok', summary, advice: undefined };
}

export function absent(area: string, summary: string, advice?: string): Finding {
  return { area, state: 'absent', summary, advice };
}

export function warning(area: string, summary: string, advice?: string): Finding {
  return { area, state: 'warning', summary, advice };
}

export function failed(area: string, summary: string, advice?: string): Finding {
  return { area, state: 'failed', summary, advice };
}

/** What holds for every source: that it is switched off or not done, and what it could not read or believe. */
export function sourceFindings(area: string, state: SourceState<unknown> | undefined): Finding[] {
  if (state === undefined) return [absent(area, `switched off by --no-collector.${area}`)];
  const make = state.outcome === 'failed' ? failed : warning;
  const findings = firstOf(
    state.errors.map(({ message, reason }) => make(area, `${message} (${reason})`)),
    (more) => make(area, `${more} more errors like these`),
  );
  if (state.outcome === undefined) {
    findings.push(
      failed(
        area,
        'was not done in time',
        'a device in a reset or a server that hangs blocks it: try again, or --read-timeout=30',
      ),
    );
  }
  return findings;
}

/** The first findings of many, and one for all others. */
export function firstOf(findings: readonly Finding[], more: (count: number) => Finding): Finding[] {
  const rest = findings.length - MOST_TOLD;
  return rest > 0 ? [...findings.slice(0, MOST_TOLD), more(rest)] : [...findings];
}

/** `1 chip`, `4 chips`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`;
}
