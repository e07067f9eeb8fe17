import { parse } from 'yaml';
import { parseDuration } from './rule-files.ts';

export type Labels = Readonly<Record<string, string>>;
export type Matcher = (labels: Labels) => boolean;

export interface Route {
  readonly receiver: string;
  readonly matches: Matcher;
  readonly groupBy: readonly string[] | 'all';
  readonly groupWaitSeconds: number;
  readonly groupIntervalSeconds: number;
  readonly repeatIntervalSeconds: number;
  readonly goesOn: boolean;
  readonly routes: readonly Route[];
}

export interface Inhibition {
  readonly source: Matcher;
  readonly target: Matcher;
  readonly equal: readonly string[];
}

/** What decides which notifications are sent. */
export interface AlertmanagerConfig {
  readonly route: Route;
  readonly inhibitions: readonly Inhibition[];
  /** Receivers that send nothing: they have a name and no more. */
  readonly silent: ReadonlySet<string>;
}

interface RawRoute {
  readonly receiver?: string;
  readonly matchers?: readonly string[];
  readonly group_by?: readonly string[];
  readonly group_wait?: string;
  readonly group_interval?: string;
  readonly repeat_interval?: string;
  readonly continue?: boolean;
  readonly routes?: readonly RawRoute[];
}

interface RawConfig {
  readonly route: RawRoute;
  readonly receivers: readonly Readonly<Record<string, unknown>>[];
  readonly inhibit_rules?: readonly {
    readonly source_matchers: readonly string[];
    readonly target_matchers: readonly string[];
    readonly equal?: readonly string[];
  }[];
}

/** Alertmanager's own defaults. */
const DEFAULT_ROUTE: Route = {
  receiver: '',
  matches: () => true,
  groupBy: [],
  groupWaitSeconds: 30,
  groupIntervalSeconds: 300,
  repeatIntervalSeconds: 4 * 3600,
  goesOn: false,
  routes: [],
};

export function parseAlertmanagerConfig(text: string): AlertmanagerConfig {
  const raw = parse(text) as RawConfig;
  return {
    route: routeOf(raw.route, DEFAULT_ROUTE),
    inhibitions: (raw.inhibit_rules ?? []).map((rule) => ({
      source: allOf(rule.source_matchers),
      target: allOf(rule.target_matchers),
      equal: rule.equal ?? [],
    })),
    silent: new Set(raw.receivers.filter((one) => Object.keys(one).length === 1).map((one) => String(one['name']))),
  };
}

/** The routes that an alert takes: the deepest that match, of the first branch, and of further ones after `continue`. */
export function routesOf(route: Route, labels: Labels): Route[] {
  if (!route.matches(labels)) return [];
  const taken: Route[] = [];
  for (const child of route.routes) {
    const found = routesOf(child, labels);
    taken.push(...found);
    if (found.length > 0 && !child.goesOn) break;
  }
  return taken.length === 0 ? [route] : taken;
}

function routeOf(raw: RawRoute, parent: Route): Route {
  const inherited: Route = {
    ...parent,
    receiver: raw.receiver ?? parent.receiver,
    matches: allOf(raw.matchers ?? []),
    groupBy: raw.group_by === undefined ? parent.groupBy : raw.group_by.includes('...') ? 'all' : raw.group_by,
    groupWaitSeconds: secondsOf(raw.group_wait) ?? parent.groupWaitSeconds,
    groupIntervalSeconds: secondsOf(raw.group_interval) ?? parent.groupIntervalSeconds,
    repeatIntervalSeconds: secondsOf(raw.repeat_interval) ?? parent.repeatIntervalSeconds,
    goesOn: raw.continue ?? false,
    routes: [],
  };
  return { ...inherited, routes: (raw.routes ?? []).map((child) => routeOf(child, inherited)) };
}

function secondsOf(duration: string | undefined): number | undefined {
  return duration === undefined ? undefined : parseDuration(duration);
}

/** Whether labels match all of them. */
export function allOf(matchers: readonly string[]): Matcher {
  const parsed = matchers.map(matcherOf);
  return (labels) => parsed.every((matches) => matches(labels));
}

/** `name="value"`, with =, !=, =~ or !~; a label that is not there is empty. */
function matcherOf(text: string): Matcher {
  const [, name, operator, quoted] = /^\s*(\w+)\s*(=~|!~|!=|=)\s*(.*?)\s*$/su.exec(text) ?? [];
  if (name === undefined || quoted === undefined) throw new Error(`not a matcher: ${text}`);
  const value = quoted.startsWith('"') ? (JSON.parse(quoted) as string) : quoted;
  const expression = operator?.endsWith('~') === true ? new RegExp(`^(?:${value})$`, 'u') : undefined;
  return (labels) => {
    const has = labels[name] ?? '';
    const same = expression === undefined ? has === value : expression.test(has);
    return operator?.startsWith('!') === true ? !same : same;
  };
}
