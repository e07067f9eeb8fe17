import type { FuzzTarget } from '../engine/target.ts';

/** What the URLs of the sources begin with whose blocks count. */
export const SOURCES = new URL('../../../src/', import.meta.url).href;

/** Each with what loads it: what is loaded before the coverage is counted is not counted. */
export const TARGETS: Readonly<Record<string, () => Promise<FuzzTarget>>> = {
  regions: async () => (await import('./regions.ts')).REGIONS,
  'server-answers': async () => (await import('./server-answers.ts')).SERVER_ANSWERS,
  'server-document': async () => (await import('./server-document.ts')).SERVER_DOCUMENT,
  'server-stream': async () => (await import('./server-stream.ts')).SERVER_STREAM,
  'server-connection': async () => (await import('./server-connection.ts')).SERVER_CONNECTION,
  'sysfs-texts': async () => (await import('./sysfs-texts.ts')).SYSFS_TEXTS,
  'proc-texts': async () => (await import('./proc-texts.ts')).PROC_TEXTS,
  'reader-frames': async () => (await import('./reader-frames.ts')).READER_FRAMES,
  'capacity-file': async () => (await import('./configurations.ts')).CAPACITY_FILE,
  'web-file': async () => (await import('./configurations.ts')).WEB_FILE,
  'remote-page': async () => (await import('./remote-page.ts')).REMOTE_PAGE,
  bundles: async () => (await import('./bundles.ts')).BUNDLES,
};
