import { ORPHAN_ALERTS } from './archetypes/leaking.ts';
import type { FiringAlert } from './evaluate.ts';
import type { Leak } from './life.ts';
import type { Notification } from './notifications.ts';
import { chipDays } from './world.ts';
import type { World, WorldHost } from './world.ts';

/** What alerts may lag behind what they are about: windows and keep_firing_for. */
const LAG_SECONDS = 2 * 3600;
/** Alerts that say of a chip that it leaks. Almost full is context. */
const FINDERS: ReadonlySet<string> = new Set(ORPHAN_ALERTS.filter((name) => !name.endsWith('AlmostFull')));

/** What happened on hosts of one archetype, or to one alert. */
export interface Score {
  chipDays: number;
  leaks: number;
  /** Seconds from the beginning of each leak that was found to its notification. */
  readonly delays: number[];
  /** Notifications that say nothing wrong. */
  right: number;
  /** Notifications with a new alert that is wrong. */
  wrong: number;
  wrongPages: number;
  /** Notifications to a receiver that sends nothing: counted by alert only. */
  silent: number;
}

export interface Result {
  readonly byArchetype: Map<string, Score>;
  readonly byAlert: Map<string, Score>;
  readonly total: Score;
  /** What was wrong, one line each. */
  readonly complaints: string[];
}

export function emptyResult(): Result {
  return { byArchetype: new Map(), byAlert: new Map(), total: emptyScore(), complaints: [] };
}

function emptyScore(): Score {
  return { chipDays: 0, leaks: 0, delays: [], right: 0, wrong: 0, wrongPages: 0, silent: 0 };
}

/** Adds a world's notifications to a result. */
export function addWorld(result: Result, world: World, notifications: readonly Notification[]): void {
  for (const host of world.hosts) {
    const scores = [result.total, scoreOf(result.byArchetype, host.archetype)];
    for (const score of scores) score.chipDays += chipDays({ ...world, hosts: [host] });
    addLeaks(result, scores, world, host, notifications);
  }
  for (const notification of notifications) addNotification(result, world, notification);
}

/** Adds what other worlds gave. */
export function addResult(result: Result, other: Result): void {
  addScore(result.total, other.total);
  for (const [name, score] of other.byArchetype) addScore(scoreOf(result.byArchetype, name), score);
  for (const [name, score] of other.byAlert) addScore(scoreOf(result.byAlert, name), score);
  result.complaints.push(...other.complaints);
}

function addScore(score: Score, other: Score): void {
  score.chipDays += other.chipDays;
  score.leaks += other.leaks;
  score.delays.push(...other.delays);
  score.right += other.right;
  score.wrong += other.wrong;
  score.wrongPages += other.wrongPages;
  score.silent += other.silent;
}

function addLeaks(
  result: Result,
  scores: readonly Score[],
  world: World,
  host: WorldHost,
  notifications: readonly Notification[],
): void {
  for (const leak of host.life.leaks) {
    const first = firstToSay(notifications, world, host, leak);
    for (const score of scores) {
      score.leaks++;
      if (first !== undefined) score.delays.push(first.at - world.epoch - leak.from);
    }
    if (first !== undefined) continue;
    const what = `${(leak.rate * 100).toFixed(1)} % an hour for ${hours(leak.until - leak.from)}`;
    result.complaints.push(`not found: ${host.target['instance'] ?? ''} device ${leak.chip}, ${what}`);
  }
}

/** The first notification that says of the chip that it leaks, while it does. */
function firstToSay(
  notifications: readonly Notification[],
  { epoch }: World,
  host: WorldHost,
  leak: Leak,
): Notification | undefined {
  const device = String(leak.chip);
  return notifications.find(
    ({ at, silent, fresh }) =>
      !silent &&
      epoch + leak.from <= at &&
      at <= epoch + leak.until &&
      fresh.some(
        ({ labels }) => isOf(host, labels) && labels['device'] === device && FINDERS.has(labels['alertname'] ?? ''),
      ),
  );
}

function addNotification(result: Result, world: World, { at, silent, fresh }: Notification): void {
  const wrong = fresh.filter((alert) => !isRight(world, alert));
  const pages = wrong.some(({ labels }) => labels['severity'] === 'critical');
  const hosts = world.hosts.filter((host) => fresh.some(({ labels }) => isOf(host, labels)));
  const names = new Set(fresh.map(({ labels }) => labels['alertname'] ?? ''));
  const ofAlerts = [...names].map((name) => scoreOf(result.byAlert, name));
  const ofHosts = [result.total, ...hosts.map(({ archetype }) => scoreOf(result.byArchetype, archetype))];
  const scores = silent ? ofAlerts : [...ofHosts, ...ofAlerts];
  for (const score of scores) {
    if (wrong.length === 0) score.right++;
    else score.wrong++;
    if (pages) score.wrongPages++;
    if (silent) score.silent++;
  }
  const when = silent ? 'not sent' : `sent at ${hours(at - world.epoch)}`;
  for (const { labels } of wrong) {
    const { alertname = '', instance = 'the fleet', device = '-', pid = '-' } = labels;
    result.complaints.push(`wrong: ${alertname} of ${instance} device ${device} pid ${pid}, ${when}`);
  }
}

/** Whether what it says is so on its host, on its chip, when it begins. */
function isRight(world: World, { labels, from }: FiringAlert): boolean {
  const seconds = from - world.epoch;
  return world.hosts.some(
    (host) =>
      isOf(host, labels) &&
      host.life.findings.some(
        ({ alerts, chip, from: begins, until }) =>
          alerts.includes(labels['alertname'] ?? '') &&
          (chip === undefined || labels['device'] === undefined || labels['device'] === String(chip)) &&
          begins <= seconds &&
          seconds <= until + LAG_SECONDS,
      ),
  );
}

function isOf(host: WorldHost, labels: Readonly<Record<string, string>>): boolean {
  return labels['instance'] === host.target['instance'];
}

function scoreOf(scores: Map<string, Score>, name: string): Score {
  const score = scores.get(name) ?? emptyScore();
  scores.set(name, score);
  return score;
}

function hours(seconds: number): string {
  return `${(seconds / 3600).toFixed(1)} h`;
}

/** The middle one; undefined of none. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? undefined : (low + high) / 2;
}

/** What there is so far, in one line. */
export function summaryOf({ total }: Result): string {
  const { chipDays: days, leaks, delays, right, wrong, wrongPages } = total;
  const found = `${delays.length} of ${leaks} leaks, after ${hours(median(delays) ?? 0)}`;
  return `${days} chip-days so far: ${found}; ${right} notifications right, ${wrong} wrong, ${wrongPages} of them pages`;
}

/** What an alert is asked for; gives what is not so. */
export function failures({ total }: Result): string[] {
  const found: string[] = [];
  const recall = total.delays.length / total.leaks;
  const middle = median(total.delays) ?? Infinity;
  const perThousand = (total.wrong * 1000) / total.chipDays;
  if (!(recall >= 0.95)) found.push(`recall is ${recall.toFixed(3)}, not 0.95`);
  if (middle > 3 * 3600) found.push(`the median time to the alert is ${hours(middle)}, not 3 h`);
  if (perThousand > 1) found.push(`${perThousand.toFixed(2)} false notifications in 1,000 chip-days, not 1`);
  if (total.wrongPages > 0) found.push(`${total.wrongPages} false pages`);
  return found;
}
