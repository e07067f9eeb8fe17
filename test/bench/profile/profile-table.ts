import { longestFirst } from './cpu-profile.ts';
import type { WorkTime } from './cpu-profile.ts';
import type { ThreadProfile } from './profile-ours.ts';

const LONGEST = 25;

/** The functions with the most self time, and the project's own ones with what they call, as Markdown. */
export function profileTable({ thread, scrapes, self, own }: ThreadProfile): string {
  const all = self.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
  return [
    `## ${thread}: ${(all / scrapes).toFixed(2)} ms a scrape in ${scrapes} scrapes`,
    '',
    '| share | ms a scrape | folder of ours, with what Node and libraries do for it |',
    '|---:|---:|---|',
    ...rows(byFolder(own), all, scrapes),
    '',
    '| share | ms a scrape | self time of |',
    '|---:|---:|---|',
    ...rows(self, all, scrapes),
    '',
    '| share | ms a scrape | function of ours, with what Node and libraries do for it |',
    '|---:|---:|---|',
    ...rows(own, all, scrapes),
  ].join('\n');
}

function rows(times: readonly WorkTime[], all: number, scrapes: number): string[] {
  return times.slice(0, LONGEST).map(({ where, milliseconds }) => {
    const share = ((100 * milliseconds) / all).toFixed(1);
    return `| ${share} % | ${(milliseconds / scrapes).toFixed(3)} | \`${where}\` |`;
  });
}

function byFolder(own: readonly WorkTime[]): WorkTime[] {
  const times = new Map<string, number>();
  for (const { where, milliseconds } of own) {
    const folder = /(\S*)\/[^/]+$/.exec(where)?.[1] ?? where;
    times.set(folder, (times.get(folder) ?? 0) + milliseconds);
  }
  return Array.from(times, ([where, milliseconds]) => ({ where, milliseconds })).sort(longestFirst);
}
