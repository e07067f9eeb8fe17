import { parseExposition } from '../support/exposition-parser.ts';

export interface Scraped {
  scrape(): Promise<{ readonly body: string }>;
}

/** What a page says of whose memory it is: one line a sample, `family label=value … = value`. */
export async function memoryPage(exporter: Scraped): Promise<string[]> {
  const { body } = await exporter.scrape();
  return parseExposition(Buffer.from(body), 'text')
    .flatMap(({ samples }) => samples)
    .filter(({ name, labels }) => name in LABELS && labels['type'] !== 'trace' && !labels['type']?.startsWith('l1'))
    .map(({ name, labels, value }) => {
      const shown = (LABELS[name] ?? []).map((label) => `${label}=${labels[label] ?? ''}`);
      return [name.replace(/^tt_/, ''), ...shown, '=', value].join(' ');
    })
    .filter((line) => !line.startsWith('memory_regions') || !line.endsWith('= 0'))
    .sort();
}

/** Which families are looked at, and by which of their labels. */
const LABELS: Readonly<Record<string, readonly string[]>> = {
  tt_dram_allocated_bytes: ['device', 'pid'],
  tt_device_dram_allocated_bytes: ['device'],
  tt_dram_orphaned_bytes: ['device', 'pid'],
  tt_dram_unattributed_bytes: ['device'],
  tt_memory_regions: ['device', 'state'],
  tt_process_info: ['pid', 'namespace_pid', 'comm', 'container_id'],
  tt_process_alive: ['pid'],
};
