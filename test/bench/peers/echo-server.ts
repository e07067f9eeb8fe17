/** Sends back whatever it gets, for the peers' 112-byte messages: `node echo-server.ts SOCKET`. */
import { createServer } from 'node:net';
import { endWithParent } from '../end-with-parent.ts';

const [path] = process.argv.slice(2);
if (path === undefined) throw new Error('usage: echo-server.ts SOCKET');
endWithParent();
createServer((socket) => socket.on('error', () => undefined).pipe(socket)).listen(path, () => {
  console.log(`listening ${path}`);
});
