import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { createSimulatedHost } from '../../../src/simulator/hosts.ts';
import { MIB } from '../../../src/simulator/patterns.ts';
import { connectReporter } from '../../../src/simulator/reporter.ts';
import { useEngine } from '../../support/docker/engine.ts';
import type { Engine } from '../../support/docker/engine.ts';
import { eventually } from '../../support/eventually.ts';
import { get, startImage } from './exporter-container.ts';
import { readableFor, sameMount } from './shared-host.ts';
import { createVolume } from './volume.ts';
import type { Volume } from './volume.ts';

const FOLDER = '/run/tenstorrent';
const NAME = 'tt_allocation_server.sock';

let engine: Engine;
let volume: Volume;
before(async () => {
  engine = await useEngine();
  volume = await createVolume();
});
after(async () => {
  await engine.removeContainers();
  await volume.remove();
});

it('what is reported to the allocation server in a container is shown by the exporter in another one', async (t) => {
  const host = await createSimulatedHost('p150');
  t.after(() => host.close());
  readableFor(host);
  const volumes = { [FOLDER]: volume.name };
  const server = await startImage({
    program: 'tt-allocation-server',
    flags: [`--socket.path=${FOLDER}/${NAME}`, `--path.sysfs=${host.sysfs}`, '--keeper'],
    hostPids: true,
    network: 'none',
    mounts: [sameMount(host)],
    volumes,
    temporary: true,
    ready: /msg=listening/,
  });
  const flags = [...host.flags(), `--allocation-server.socket=${FOLDER}/${NAME}`];
  const exporter = await startImage({ flags, mounts: [sameMount(host)], volumes });
  // An application on the host, whose PID the server knows from the kernel.
  // By a link: a socket's path may have 107 characters.
  const link = join(host.root, 'volume');
  symlinkSync(volume.path, link);
  const application = await connectReporter(join(link, NAME), 'C');
  t.after(() => application.close());
  host.processes.show(process.pid);
  application.alloc({ pid: process.pid, device: 0, id: 1n, size: 512 * MIB, type: 'DRAM' });
  await application.flush();
  const line = `tt_dram_allocated_bytes{device="0",pid="${process.pid}",type="dram"} ${512 * MIB}\n`;
  await eventually('the report to be shown', async () => (await get(exporter)).body.includes(line));
  const check = await server.exec(['node', 'health.mjs', `unix:${FOLDER}/${NAME}`]);
  assert.deepEqual([check.output, check.exitCode], ['', 0]);
  const wrong = await server.exec(['node', 'health.mjs', `unix:${FOLDER}/none.sock`]);
  assert.deepEqual(
    [wrong.output.trim(), wrong.exitCode],
    [`unix:${FOLDER}/none.sock: connect ENOENT ${FOLDER}/none.sock`, 1],
  );
  await server.stop();
  const { body } = await get(exporter);
  assert.match(body, /^tt_allocation_server_up 0$/m);
});
