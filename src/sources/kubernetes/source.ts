import type { Source, SourceContext } from '../source.ts';
import { createPodLogs } from './pod-logs.ts';
import { createPodResources } from './pod-resources.ts';
import { KubernetesRun } from './run.ts';
import type { KubernetesReading } from './types.ts';

export interface KubernetesOptions {
  /** Where the kubelet keeps the logs of pods: /var/log/pods. */
  readonly podLogsPath: string;
  /** The kubelet's PodResources socket; undefined: it is not asked. */
  readonly podResourcesSocket: string | undefined;
}

/**
 * The source that tells what pods and containers are called, from the kubelet's log folders and, where asked for, which
 * devices it has given to whom. It opens no log.
 */
export function createKubernetesSource(options: KubernetesOptions): Source<KubernetesReading> {
  const logs = createPodLogs({ path: options.podLogsPath });
  const socketPath = options.podResourcesSocket;
  const resources = socketPath === undefined ? undefined : createPodResources({ socketPath });
  return {
    name: 'kubernetes',
    start: ({ deadline }: SourceContext) => new KubernetesRun(logs, resources, deadline.signal),
    close: () => {
      resources?.close();
      return Promise.resolve();
    },
  };
}
