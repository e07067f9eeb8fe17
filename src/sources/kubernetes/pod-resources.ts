import { resolve } from 'node:path';
import type * as KubeletCall from './kubelet-call.ts';
import { KubeletError } from './kubelet-error.ts';
import { checkKubeletSocket } from './kubelet-socket.ts';
import type { PodResourcesAnswer } from './pod-resources-schema.ts';
import { untilAborted } from './until-aborted.ts';

export interface PodResourcesOptions {
  /** The kubelet's socket: /var/lib/kubelet/pod-resources/kubelet.sock. */
  readonly socketPath: string;
  /** A longer answer is not read. Default: 4 MiB. */
  readonly maxAnswerBytes?: number;
}

/** The kubelet's PodResources API. */
export interface PodResourcesClient {
  /** What all pods of the node have been given. Throws KubeletError, at the latest when the signal is aborted. */
  list(signal: AbortSignal): Promise<PodResourcesAnswer>;
  /** Ends the connection, and a question that is still out. */
  close(): void;
}

/**
 * A client that connects when it is asked, keeps its connection while it works, and drops it with the first fault: so
 * there is at most one attempt to connect for each question, and none in between.
 */
export function createPodResources(options: PodResourcesOptions): PodResourcesClient {
  return new KubeletClient(resolve(options.socketPath), options.maxAnswerBytes);
}

class KubeletClient implements PodResourcesClient {
  readonly #path: string;
  readonly #maxAnswerBytes: number | undefined;
  #channel: { readonly to: string; readonly channel: KubeletCall.KubeletChannel } | undefined;
  #check: Promise<string> | undefined;
  #closed = false;

  constructor(path: string, maxAnswerBytes: number | undefined) {
    this.#path = path;
    this.#maxAnswerBytes = maxAnswerBytes;
  }

  async list(signal: AbortSignal): Promise<PodResourcesAnswer> {
    try {
      const socket = await this.#checkSocket(signal);
      const call = await untilAborted(import('./kubelet-call.ts'), signal);
      if (call === undefined) throw this.#late();
      if (this.#closed) throw this.#over();
      return await call.listPodResources(this.#channelTo(socket, call), this.#path, signal);
    } catch (error) {
      this.#drop();
      throw this.#closed ? this.#over() : error;
    }
  }

  close(): void {
    this.#closed = true;
    this.#drop();
  }

  /** A kubelet that has been replaced may still hold its end of the connection: the new one is asked. */
  #channelTo(socket: string, call: typeof KubeletCall): KubeletCall.KubeletChannel {
    if (this.#channel?.to !== socket) this.#drop();
    this.#channel ??= { to: socket, channel: call.connectKubelet(this.#path, this.#maxAnswerBytes) };
    return this.#channel.channel;
  }

  #drop(): void {
    this.#channel?.channel.close();
    this.#channel = undefined;
  }

  /** A file system that hangs is waited for until the signal comes, and not asked a second time meanwhile. */
  async #checkSocket(signal: AbortSignal): Promise<string> {
    if (this.#check !== undefined) {
      throw new KubeletError('busy', `${this.#path}: its file system has not answered since an earlier question`);
    }
    this.#check = checkKubeletSocket(this.#path).finally(() => {
      this.#check = undefined;
    });
    const socket = await untilAborted(this.#check, signal);
    if (socket === undefined || signal.aborted) throw this.#late();
    return socket;
  }

  #late(): KubeletError {
    return new KubeletError('no_answer', `${this.#path}: no answer in time`);
  }

  #over(): KubeletError {
    return new KubeletError('closed', `${this.#path}: the client is closed`);
  }
}
