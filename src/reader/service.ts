import { createCollector } from '../collect/collector.ts';
import type { CollectorConfig } from '../collect/types.ts';
import { createLaneReader } from '../io/lane-reader.ts';
import type { Log } from '../log/log.ts';
import { PageEncoder } from '../metrics/encode/page-encoder.ts';
import { PageService } from './page-service.ts';

/** The reading side of a real host. Rejects where the configuration is bad; the message is one line. */
export async function createPageService(config: CollectorConfig, log: Log): Promise<PageService> {
  const lanes = createLaneReader();
  const collector = await createCollector(config, {
    lanes,
    onError: (name, error) => {
      log.warn('cannot read', { collector: name, reason: error.reason, error: error.message });
    },
  });
  const { collectors } = config;
  return new PageService({ collector, encoder: new PageEncoder(), collectors, stuck: () => lanes.stuck() });
}
