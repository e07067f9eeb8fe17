import type { AllocationServerSnapshot } from '../../snapshot/snapshot.ts';
import type { Family } from '../family.ts';

/** The allocation server as a program. */
export const ALLOCATION_SERVER_FAMILIES: readonly Family[] = [
  {
    name: 'tt_allocation_server_up',
    type: 'gauge',
    unit: undefined,
    help: 'Whether an allocation server answered: 1 or 0. 0 is normal on a host without one; whether reading it failed is in tt_exporter_collector_success.',
    labels: [],
    group: 'allocation_server',
    draw(snapshot, sink) {
      const server = snapshot.allocationServer;
      if (server !== undefined) sink.sample(server.up ? 1 : 0);
    },
  },
  {
    name: 'tt_allocation_server_info',
    type: 'gauge',
    unit: undefined,
    help: 'Dialect of the allocation server that answered, and the version of the extension where it has one; always 1. Stock servers have no extension, and give totals only.',
    labels: ['dialect', 'extension'],
    group: 'allocation_server',
    draw(snapshot, sink) {
      const server = snapshot.allocationServer;
      if (server?.up === true) sink.sample(1, server.dialect, server.extension);
    },
  },
  {
    name: 'tt_allocation_server_start_time_seconds',
    type: 'gauge',
    unit: 'seconds',
    help: 'When the allocation server started, in seconds since the Unix epoch. Processes that allocated before that are counted in part only.',
    labels: [],
    group: 'allocation_server',
    draw(snapshot, sink) {
      const start = snapshot.allocationServer?.startTimeSeconds;
      if (start !== undefined) sink.sample(start);
    },
  },
  {
    name: 'tt_allocation_server_messages_total',
    type: 'counter',
    unit: undefined,
    help: "Messages that this project's own allocation server understood, by type, since it started.",
    labels: ['type'],
    group: 'allocation_server',
    draw: perKey((server) => server.messages),
  },
  {
    name: 'tt_allocation_server_rejected_messages_total',
    type: 'counter',
    unit: undefined,
    help: "Messages that this project's own allocation server threw away, by reason, since it started.",
    labels: ['reason'],
    group: 'allocation_server',
    draw: perKey((server) => server.rejectedMessages),
  },
  {
    name: 'tt_allocation_server_connections',
    type: 'gauge',
    unit: undefined,
    help: "Connections that are open to this project's own allocation server, applications and monitors alike.",
    labels: [],
    group: 'allocation_server',
    draw(snapshot, sink) {
      const connections = snapshot.allocationServer?.connections;
      if (connections !== undefined) sink.sample(connections);
    },
  },
];

/** Draws one sample for each key of a map, which is the one label. */
function perKey(read: (server: AllocationServerSnapshot) => ReadonlyMap<string, number> | undefined): Family['draw'] {
  return (snapshot, sink) => {
    if (snapshot.allocationServer === undefined) return;
    for (const [key, count] of read(snapshot.allocationServer) ?? []) sink.sample(count, key);
  };
}
