// A reader process with a fake host: its behaviour is the word in --path.sysfs, a file to write to in --path.shm.
import { appendFileSync, open } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { runForkedReader } from '../../src/reader/run-reader.ts';
import type { CollectorConfig } from '../../src/collect/types.ts';
import type { PageService } from '../../src/reader/page-service.ts';
import { promptCollector, serviceOf } from '../support/fake-collector.ts';

function fakeService(config: CollectorConfig): Promise<PageService> {
  const collector = promptCollector(`${process.pid} ${process.env['UV_THREADPOOL_SIZE'] ?? ''}`);
  switch (config.sysfsPath) {
    case 'prints':
      console.log('printed by the reader');
      break;
    case 'refuses':
      return Promise.reject(new Error('bad file, line 3'));
    case 'has a blocked read':
      // Nobody writes to the FIFO: the call holds a thread of the pool for ever.
      open(config.shmPath, 'r', () => undefined);
      break;
    case 'lingers':
      collector.close = async () => {
        await pause(300);
        appendFileSync(config.shmPath, 'closed');
      };
      break;
  }
  return Promise.resolve(serviceOf(collector));
}

await runForkedReader(3, fakeService);
