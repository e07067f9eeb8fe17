import { routesOf } from './alertmanager-config.ts';
import type { AlertmanagerConfig, Inhibition, Route } from './alertmanager-config.ts';
import type { FiringAlert } from './evaluate.ts';

/** What somebody gets: because of alerts that were not in the group's last one. */
export interface Notification {
  /** Seconds since the epoch. */
  readonly at: number;
  /** The receiver sends nothing. */
  readonly silent: boolean;
  readonly fresh: readonly FiringAlert[];
}

interface Group {
  readonly route: Route;
  readonly alerts: FiringAlert[];
}

/**
 * The notifications that Alertmanager would send: alerts go by their routes into groups; a group is looked at after
 * group_wait and every group_interval while it has alerts, less those that others inhibit then, and is sent if there is
 * one that was not in what was sent before. Repetitions and what is resolved are not counted.
 */
export function notificationsOf(alerts: readonly FiringAlert[], config: AlertmanagerConfig): Notification[] {
  const inhibited = inhibitionOf(alerts, config.inhibitions);
  const found: Notification[] = [];
  for (const group of groupsOf(alerts, config)) {
    const silent = config.silent.has(group.route.receiver);
    for (const notification of notificationsOfGroup(group, inhibited)) found.push({ ...notification, silent });
  }
  return found.sort((a, b) => a.at - b.at);
}

function groupsOf(alerts: readonly FiringAlert[], { route: root }: AlertmanagerConfig): Group[] {
  const groups = new Map<Route, Map<string, Group>>();
  for (const alert of alerts) {
    for (const route of routesOf(root, alert.labels)) {
      const names = route.groupBy === 'all' ? Object.keys(alert.labels).sort() : route.groupBy;
      const key = JSON.stringify(names.map((name) => [name, alert.labels[name] ?? '']));
      const ofRoute = groups.get(route) ?? new Map<string, Group>();
      groups.set(route, ofRoute);
      const group = ofRoute.get(key) ?? { route, alerts: [] };
      ofRoute.set(key, group);
      group.alerts.push(alert);
    }
  }
  return [...groups.values()].flatMap((ofRoute) => [...ofRoute.values()]);
}

function notificationsOfGroup({ route, alerts }: Group, inhibited: Inhibited): Omit<Notification, 'silent'>[] {
  const found: Omit<Notification, 'silent'>[] = [];
  const waiting = alerts.toSorted((a, b) => a.from - b.from);
  let sent = new Set<FiringAlert>();
  let present: FiringAlert[] = [];
  let at = -Infinity;
  while (waiting.length > 0 || present.length > 0) {
    // An empty group ends; the next alert begins it anew.
    at = present.length === 0 ? (waiting[0]?.from ?? 0) + route.groupWaitSeconds : at + route.groupIntervalSeconds;
    while ((waiting[0]?.from ?? Infinity) <= at) present.push(...waiting.splice(0, 1));
    present = present.filter(({ until }) => until > at);
    const firing = present.filter((alert) => !inhibited(alert, at));
    const fresh = firing.filter((alert) => !sent.has(alert));
    if (fresh.length > 0) found.push({ at, fresh });
    sent = new Set(firing);
  }
  return found;
}

type Inhibited = (alert: FiringAlert, at: number) => boolean;

function inhibitionOf(alerts: readonly FiringAlert[], inhibitions: readonly Inhibition[]): Inhibited {
  const rules = inhibitions.map((rule) => {
    const sources = new Map<string, FiringAlert[]>();
    for (const alert of alerts.filter(({ labels }) => rule.source(labels))) {
      const key = keyOf(rule, alert);
      sources.set(key, [...(sources.get(key) ?? []), alert]);
    }
    return { rule, sources };
  });
  return (alert, at) =>
    rules.some(({ rule, sources }) => {
      if (!rule.target(alert.labels)) return false;
      const both = rule.source(alert.labels);
      return (sources.get(keyOf(rule, alert)) ?? []).some(
        // What matches both sides is not inhibited by its like.
        (source) => source.from <= at && at < source.until && !(both && rule.target(source.labels)),
      );
    });
}

function keyOf({ equal }: Inhibition, { labels }: FiringAlert): string {
  return JSON.stringify(equal.map((name) => labels[name] ?? ''));
}
