/** The demo's host with its workloads, in a folder that other containers see. */
import { existsSync, rmSync, symlinkSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { startDemoHost } from './src/simulator/mixed-demo.ts';

const ROOT = '/simulated/host';
const SOCKET = '/run/tenstorrent/tt_allocation_server.sock';

const ending = new AbortController();
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => ending.abort());

// Of a container that was killed: the volume stays.
rmSync(ROOT, { recursive: true, force: true });
const host = await startDemoHost({ root: ROOT, startServer: waitForServer });
console.log(`a simulated host with an n150, an n300 and a p150 is in ${ROOT}`);
// Nothing else keeps this program running.
while (!ending.signal.aborted) await pause(2 ** 30, undefined, { signal: ending.signal }).catch(() => undefined);
await host.close();

/** The allocation server is a container of its own, and what reports to it starts when it is there. */
async function waitForServer({ socket }) {
  symlinkSync(SOCKET, socket);
  while (!existsSync(SOCKET) && !ending.signal.aborted) await pause(100);
  return () => undefined;
}
