import { experimental } from '@grpc/grpc-js';
import type { ChannelOptions } from '@grpc/grpc-js';

/** The scheme of the targets that a channel finds through this. */
const SCHEME = 'kubelet-socket';
const OPTION = 'tenstorrent.kubelet_socket';

/** A Unix socket, and the signal that ends whatever connection to it there is. */
export interface SocketAddress {
  readonly path: string;
  readonly signal: AbortSignal;
}

/**
 * Gives a channel the address of a Unix socket together with a signal, which `net.connect` takes too. gRPC's own scheme
 * `unix:` has none, and a channel that is closed while the peer has not yet said its HTTP/2 settings leaves its
 * connection open for ever: one more for every question to a kubelet that is stopped.
 */
class SocketResolver implements experimental.Resolver {
  static getDefaultAuthority(): string {
    return 'localhost';
  }

  readonly #listener: experimental.ResolverListener;
  readonly #address: SocketAddress;
  #told = false;

  constructor(_target: experimental.GrpcUri, listener: experimental.ResolverListener, options: ChannelOptions) {
    this.#listener = listener;
    this.#address = options[OPTION] as SocketAddress;
  }

  /** A channel that fails asks at once for other addresses: the same one again would send it round for ever. */
  updateResolution(): void {
    if (this.#told) return;
    this.#told = true;
    process.nextTick(() => {
      this.#listener(experimental.statusOrFromValue([{ addresses: [this.#address] }]), {}, null, '');
    });
  }

  destroy(): void {
    this.#told = false;
  }
}

experimental.registerResolver(SCHEME, SocketResolver);

/** The target and the option with which a channel connects to this socket. */
export function socketTarget(address: SocketAddress): { readonly target: string; readonly options: ChannelOptions } {
  return { target: `${SCHEME}:kubelet`, options: { [OPTION]: address } };
}
