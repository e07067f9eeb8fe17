import { createCollector } from '../collect/collector.ts';
import type { CollectorConfig } from '../collect/types.ts';
import { createLaneReader } from '../io/lane-reader.ts';
import type { ThreadedLaneReader } from '../io/lane-reader.ts';
import { errorText } from '../log/log.ts';
import type { Log } from '../log/log.ts';
import { FAMILIES, FAMILIES_WITH_USER } from '../metrics/catalogue.ts';
import { PageEncoder } from '../metrics/encode/page-encoder.ts';
import type { ReadError } from '../sources/source.ts';
import { PageService } from './page-service.ts';
import type { PageServiceOptions } from './page-service.ts';

export interface ServiceOptions extends Pick<PageServiceOptions, 'onFirstAnswer'> {
  /** What reads the sensors, which this closes. */
  readonly lanes?: ThreadedLaneReader;
}

/** The reading side of a real host. Rejects where the configuration is bad; the message is one line. */
export async function createPageService(
  config: CollectorConfig,
  log: Log,
  { lanes = createLaneReader(), ...told }: ServiceOptions = {},
): Promise<PageService> {
  const onError = (collector: string, { reason, message }: ReadError): void => {
    log.warn('cannot read', { collector, reason, error: message });
  };
  const collector = await createCollector(config, { lanes, onError }).catch(badFile);
  const { collectors, processUser } = config;
  const families = processUser ? FAMILIES_WITH_USER : FAMILIES;
  const encoder = new PageEncoder(families);
  return new PageService({ collector, encoder, families, collectors, stuck: () => lanes.stuck(), ...told });
}

/** The one file without which there is no start. The rest of a long message shows the place with arrows. */
function badFile(cause: unknown): never {
  const [line = ''] = errorText(cause).split('\n');
  throw new Error(`--capacity.config.file: ${line.replace(/:$/, '')}; mend the file or leave the flag out`);
}
