import { createCollector } from '../collect/collector.ts';
import type { CollectorOptions } from '../collect/collector.ts';
import type { CollectorConfig } from '../collect/types.ts';
import { createLaneReader } from '../io/lane-reader.ts';
import { viewOfSnapshot } from './from-snapshot.ts';
import type { HostSource } from './types.ts';

/** This host. Rejects where the capacity file is bad. */
export async function localHost(
  config: CollectorConfig,
  timeoutMs: number,
  options: CollectorOptions = {},
): Promise<HostSource> {
  const lanes = createLaneReader();
  const collector = await createCollector(config, { ...options, lanes });
  return {
    read: async () =>
      viewOfSnapshot(await collector.collect({ collectors: undefined, deadlineAt: performance.now() + timeoutMs })),
    close: () => collector.close(),
    stuck: () => lanes.stuck(),
  };
}
