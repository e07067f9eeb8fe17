import { wrap } from '../flags/flag-text.ts';
import { printable, span } from '../terminal/spans.ts';
import type { Line, Tone } from '../terminal/spans.ts';
import type { Finding, FindingState } from './types.ts';

/** Of the document; a field is added without a new number, and taken away or changed only with one. */
const CHECK_DOCUMENT_VERSION = 1;

const MARKS: Readonly<Record<FindingState, readonly [mark: string, tone: Tone]>> = {
  ok: ['ok', 'good'],
  absent: ['none', 'dim'],
  warning: ['warning', 'warning'],
  failed: ['FAILED', 'bad'],
};
const MARK_WIDTH = 8;

/** The findings as lines, an area after the other, advice below what it is about. */
export function reportLines(findings: readonly Finding[], width: number): Line[] {
  const lines: Line[] = [];
  for (const [area, group] of Map.groupBy(findings, (finding) => finding.area)) {
    lines.push([span(area, 'title')]);
    for (const finding of group) lines.push(...findingLines(finding, width));
  }
  const failures = findings.filter(({ state }) => state === 'failed').length;
  const warnings = findings.filter(({ state }) => state === 'warning').length;
  const tone = failures > 0 ? 'bad' : warnings > 0 ? 'warning' : 'good';
  lines.push([span(`${failures} failed, ${warnings} with a warning`, tone)]);
  return lines;
}

function findingLines({ state, summary, advice }: Finding, width: number): Line[] {
  const [mark, tone] = MARKS[state];
  const room = width - MARK_WIDTH - 2;
  const lines = wrap(printable(summary), room).map((text, index): Line => {
    const head = index === 0 ? span(`  ${mark.padEnd(MARK_WIDTH)}`, tone) : span(' '.repeat(MARK_WIDTH + 2));
    return [head, span(text)];
  });
  if (advice === undefined) return lines;
  const below = wrap(`-> ${printable(advice)}`, room);
  return [...lines, ...below.map((text): Line => [span(' '.repeat(MARK_WIDTH + 2)), span(text, 'bar')])];
}

/** What `check --json` prints, as schemas/check-1.json describes it. */
export function checkDocument(findings: readonly Finding[], takenAtSeconds: number): object {
  return {
    schema: 'tenstorrent-exporter/check',
    schema_version: CHECK_DOCUMENT_VERSION,
    taken_at_seconds: takenAtSeconds,
    ok: !findings.some(({ state }) => state === 'failed'),
    findings: findings.map(({ area, state, summary, advice }) => ({ area, state, summary, advice: advice ?? null })),
  };
}
