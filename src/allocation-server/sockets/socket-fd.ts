import type { Server, Socket } from 'node:net';

/** The descriptor of an open socket, which Node.js has only inside. undefined where there is none. */
export function fdOf(socket: Socket | Server): number | undefined {
  const fd: unknown = Reflect.get(handleOf(socket) ?? {}, 'fd');
  return typeof fd === 'number' && fd >= 0 ? fd : undefined;
}

/** The handle behind a socket, as a process can send it to its parent. */
export function handleOf(socket: Socket | Server): object | undefined {
  const handle: unknown = Reflect.get(socket, '_handle');
  return typeof handle === 'object' && handle !== null ? handle : undefined;
}

/**
 * Stops reading at once: what comes stays in the kernel. `pause()` would go on to read until the socket's own buffer is
 * full, and that buffer ends with the process.
 */
export function stopReading(socket: Socket): void {
  const handle = handleOf(socket);
  const readStop: unknown = handle === undefined ? undefined : Reflect.get(handle, 'readStop');
  if (typeof readStop === 'function') Reflect.apply(readStop, handle, []);
}
