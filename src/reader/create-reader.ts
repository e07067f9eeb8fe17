import { collectorConfig } from '../flags/collector-config.ts';
import type { Settings } from '../flags/table.ts';
import { poolSizeFor } from '../io/pool-size.ts';
import type { Log } from '../log/log.ts';
import { VERSION } from '../version.ts';
import { compileSooner } from './compile-sooner.ts';
import { forkReader } from './fork.ts';
import { InlineReader } from './inline.ts';
import { SupervisedReader } from './supervisor.ts';
import type { Reader } from './types.ts';
import { connectReader } from './unix.ts';

/** One that is connected to comes back soon when its program is started again: asking costs little. */
const MAX_CONNECT_PAUSE_MS = 1000;

/** The reader that `--reader` asks for. Rejects where one in this process cannot be had; others say so in `started`. */
export async function createReader(settings: Settings, log: Log): Promise<Reader> {
  const { reader, logLevel, logFormat } = settings;
  const config = collectorConfig(settings);
  switch (reader.kind) {
    case 'fork': {
      const start = { type: 'start', config, logLevel, logFormat } as const;
      // The counters have a lane of their own.
      const poolSize = poolSizeFor(config.pcieCounters ? 2 : 1);
      return new SupervisedReader({ open: () => forkReader({ poolSize }), version: VERSION, start, log });
    }
    case 'unix': {
      const open = () => connectReader(reader.path);
      return new SupervisedReader({ open, version: VERSION, start: undefined, log, maxPauseMs: MAX_CONNECT_PAUSE_MS });
    }
    case 'inline': {
      const { createPageService } = await import('./service.ts');
      return new InlineReader(await createPageService(config, log, { onFirstAnswer: compileSooner }));
    }
  }
}
