import { createServer } from 'node:net';
import type { Socket } from 'node:net';

/** An allocation server that accepts and never answers, and remembers who has gone away. */
export async function mutelyServing(path: string) {
  const sockets: Socket[] = [];
  let gone = 0;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.resume();
    socket.on('error', () => undefined);
    socket.on('close', () => gone++);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    connections: () => sockets.length,
    gone: () => gone,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
