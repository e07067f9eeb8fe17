export { createCollector } from './collect/collector.ts';
export type { CollectorOptions } from './collect/collector.ts';
export type { CollectRequest, Collector, CollectorConfig, MemorySourceChoice } from './collect/types.ts';
export { FAMILIES } from './metrics/catalogue.ts';
export { PageEncoder } from './metrics/encode/page-encoder.ts';
export type { Family, SampleSink } from './metrics/family.ts';
export { registerDeviceFamilies } from './metrics/prom-client/register-device-families.ts';
export type { Snapshot } from './snapshot/snapshot.ts';
