import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FAMILIES } from '../../../src/metrics/catalogue.ts';
import { PageEncoder } from '../../../src/metrics/encode/page-encoder.ts';
import { BUILD_INFO } from '../../../src/metrics/prom-client/own-families.ts';
import type { Snapshot } from '../../../src/snapshot/snapshot.ts';
import { HostBuilder, constant } from '../quality/builder.ts';
import { Dice } from '../quality/dice.ts';
import { DAY } from '../quality/life.ts';
import { HostObserver } from '../quality/observe.ts';

export interface FleetPlan {
  readonly hosts: number;
  readonly chips: number;
  /** On each chip. */
  readonly processes: number;
  /** Families that a page has, beside those of a scrape. */
  readonly families: ReadonlySet<string>;
}

/** Many exporters at one address, each under a path of its own. */
export interface Fleet {
  /** `127.0.0.1:41233` */
  readonly address: string;
  path(host: number): string;
  close(): Promise<void>;
}

const OWN = new TextEncoder().encode(
  `# TYPE ${BUILD_INFO.name} gauge\n${BUILD_INFO.name}{version="0.1.0",revision="",node_version="v24.0.0"} 1\n`,
);

/** Serves what the exporter of each host would say now; their processes hold memory that moves a little. */
export async function startFleet(plan: FleetPlan): Promise<Fleet> {
  const encoder = new PageEncoder(FAMILIES.filter(({ name }) => plan.families.has(name)));
  const started = Date.now() / 1000;
  const observers = Array.from(
    { length: plan.hosts },
    (_, host) => new HostObserver(lifeOf(plan, host), started - DAY),
  );
  const server = createServer((request, response) => {
    const observer = observers[Number(request.url?.slice('/metrics/'.length))];
    const snapshot: Snapshot | undefined = observer?.at(Date.now() / 1000 - started + DAY);
    if (snapshot === undefined) {
      response.writeHead(404).end();
      return;
    }
    const { body } = encoder.encode(snapshot, { format: 'text', ownFamilies: OWN, ownSeries: 1 });
    // The encoder uses its buffer again for the next page.
    response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4' }).end(Buffer.from(body));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    address: `127.0.0.1:${port}`,
    path: (host) => `/metrics/${host}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

function lifeOf({ chips, processes }: FleetPlan, host: number) {
  const builder = new HostBuilder(new Dice(host + 1), chips, 2);
  for (const chip of builder.chips) {
    for (let i = 0; i < processes; i++) {
      const share = builder.dice.between(0.05, 0.95 / processes);
      const wave = builder.dice.between(60, 600);
      builder.run({ from: -3 * DAY, until: 9 * DAY, comm: 'server' }, [chip], {
        dram: (seconds) => share * (0.95 + 0.05 * Math.sin(seconds / wave)),
        l1: 0.15,
        load: constant(0.8),
      });
    }
  }
  return builder.life();
}
