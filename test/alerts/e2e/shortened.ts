import { parse, parseDocument } from 'yaml';

/** Seconds instead of minutes and hours, for scrapes and evaluations every second. */
const SHORT: Readonly<Record<string, string>> = {
  'evaluation.interval': '1s',
  'evaluation.growth': '1s',
  'evaluation.history': '1s',
  'almostFull.window': '10s',
  'almostFull.for': '1s',
  'deviceUnreachable.for': '2s',
  'growing.floorWindow': '3s',
  'growing.step': '2s',
  'growing.minimumAge': '3s',
  'growing.for': '2s',
  'growing.keepFiringFor': '2s',
  'orphaned.for': '2s',
  'overCapacity.for': '2s',
};

/** The thresholds with other durations: the rules that are made from them are the same. */
export function shortenThresholds(text: string): string {
  const document = parseDocument(text);
  for (const [path, duration] of Object.entries(SHORT)) {
    const keys = path.split('.');
    if (!document.hasIn(keys)) throw new Error(`the thresholds have no ${path}`);
    document.setIn(keys, duration);
  }
  return document.toString();
}

interface Configuration {
  readonly route: object;
  readonly receivers: readonly Readonly<Record<string, unknown>>[];
}

/** The example configuration of Alertmanager, with everything that it sends going to a webhook, at once. */
export function sendAllTo(url: string, text: string): string {
  const configuration = parse(text) as Configuration;
  const receivers = configuration.receivers.map(({ name, ...integrations }) =>
    Object.keys(integrations).length === 0 ? { name } : { name, webhook_configs: [{ url, send_resolved: true }] },
  );
  return JSON.stringify({ ...configuration, receivers, route: atOnce(configuration.route) });
}

function atOnce(route: object): object {
  const routes =
    'routes' in route && Array.isArray(route.routes) ? route.routes.map((child: object) => atOnce(child)) : [];
  return { ...route, group_wait: '1s', group_interval: '1s', routes };
}
