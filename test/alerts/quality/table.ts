import { median } from './score.ts';
import type { Result, Score } from './score.ts';

const HEAD = ['', 'chip-days', 'leaks', 'found', 'median time', 'notifications', 'false', 'false pages'];

/** The result as Markdown: by archetype, then by alert. */
export function tableOf({ byArchetype, byAlert, total }: Result): string {
  const archetypes = [...byArchetype].map(([name, score]) => rowOf(name, score));
  const alerts = [...byAlert]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, score]) => [
      name,
      String(score.right + score.wrong),
      String(score.wrong),
      score.silent > 0 ? 'no' : 'yes',
    ]);
  return [
    markdown(['archetype', ...HEAD.slice(1)], [...archetypes, rowOf('**all**', total)]),
    markdown(['alert', 'groups with it', 'false', 'sent'], alerts),
  ].join('\n\n');
}

function rowOf(name: string, score: Score): string[] {
  const middle = median(score.delays);
  return [
    name,
    score.chipDays.toLocaleString('en'),
    score.leaks === 0 ? '' : String(score.leaks),
    score.leaks === 0 ? '' : `${((100 * score.delays.length) / score.leaks).toFixed(1)} %`,
    middle === undefined ? '' : `${(middle / 3600).toFixed(1)} h`,
    String(score.right + score.wrong),
    String(score.wrong),
    String(score.wrongPages),
  ];
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)));
  const line = (cells: readonly string[]): string => {
    const padded = cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)));
    return `| ${padded.join(' | ')} |`;
  };
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}
