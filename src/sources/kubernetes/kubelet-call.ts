import { Client, credentials, Metadata } from '@grpc/grpc-js';
import type { ServiceError } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';
import type { MethodDefinition } from '@grpc/proto-loader';
import { KubeletError } from './kubelet-error.ts';
import { statusError } from './kubelet-status.ts';
import { POD_RESOURCES_SCHEMA } from './pod-resources-schema.ts';
import type { PodResourcesAnswer } from './pod-resources-schema.ts';
import { socketTarget } from './socket-resolver.ts';

/* Loaded only where the kubelet is asked: gRPC takes a tenth of a second and 30 MB. */

/** A pod takes some hundred bytes, a node has some hundred pods. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

const LIST = listMethod();

/** A channel to the kubelet's socket. */
export interface KubeletChannel {
  readonly client: Client;
  /** Ends it with its connection, in whatever state that is. */
  close(): void;
}

/** A channel that connects when it is first asked. */
export function connectKubelet(path: string, maxAnswerBytes: number = MAX_ANSWER_BYTES): KubeletChannel {
  const connections = new AbortController();
  const { target, options } = socketTarget({ path, signal: connections.signal });
  const client = new Client(target, credentials.createInsecure(), {
    ...options,
    'grpc.max_receive_message_length': maxAnswerBytes,
    'grpc.enable_http_proxy': 0,
    'grpc.enable_retries': 0,
    'grpc.enable_channelz': 0,
    'grpc.service_config_disable_resolution': 1,
    // Of its own, so that no other channel can be using the connection.
    'grpc.use_local_subchannel_pool': 1,
  });
  const close = (): void => {
    client.close();
    connections.abort();
  };
  return { client, close };
}

/** Asks what all pods of the node have been given. Throws KubeletError, at the latest when the signal is aborted. */
export function listPodResources(
  { client }: KubeletChannel,
  path: string,
  signal: AbortSignal,
): Promise<PodResourcesAnswer> {
  return new Promise((resolve, reject) => {
    const answered = (error: ServiceError | null, answer: object | undefined): void => {
      signal.removeEventListener('abort', cancel);
      if (error !== null) reject(statusError(path, error.code, error.details));
      else if (answer === undefined) reject(new KubeletError('garbage', `${path}: an answer without a message`));
      else resolve(answer as PodResourcesAnswer);
    };
    const { requestSerialize, responseDeserialize } = LIST;
    const call = client.makeUnaryRequest(
      LIST.path,
      requestSerialize,
      responseDeserialize,
      {},
      new Metadata(),
      answered,
    );
    const cancel = (): void => {
      call.cancel();
    };
    signal.addEventListener('abort', cancel, { once: true });
    if (signal.aborted) cancel();
  });
}

function listMethod(): MethodDefinition<object, object> {
  const service = fromJSON(POD_RESOURCES_SCHEMA, { defaults: true, arrays: true })['v1.PodResourcesLister'];
  const method = (service as Readonly<Record<string, MethodDefinition<object, object>>> | undefined)?.['List'];
  if (method === undefined) throw new Error('the schema of the PodResources API has no List');
  return method;
}
