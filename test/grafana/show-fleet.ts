/** Starts the fleet of the tests and says where its Prometheus is, until it is told to end: for looking at the dashboards. */
import { once } from 'node:events';
import { startWatchedFleet } from './watched-fleet.ts';

const fleet = await startWatchedFleet();
console.log(fleet.prometheus.url);
const alive = setInterval(() => undefined, 60_000);
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
clearInterval(alive);
await fleet.close();
