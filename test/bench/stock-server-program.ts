/** A stock allocation server in a process of its own: `node stock-server-program.ts SOCKET DEVICES`. */
import { startStockServer } from '../../src/simulator/stock-server.ts';
import { endWithParent } from './end-with-parent.ts';

const [path, count] = process.argv.slice(2);
if (path === undefined || count === undefined) throw new Error('usage: stock-server-program.ts SOCKET DEVICES');
endWithParent();
const wormhole = {
  arch: 'wormhole',
  dramBytes: 12 * 2 ** 30,
  dramChannels: 6,
  l1Bytes: 72 * 1_499_136,
  l1BytesPerCore: 1_499_136,
} as const;
await startStockServer({ path, dialect: 'C', devices: Array.from({ length: Number(count) }, () => wormhole) });
console.log(`listening ${path}`);
