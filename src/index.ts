export { createCollector } from './collect/collector.ts';
export type { CollectorOptions } from './collect/collector.ts';
export type { CollectRequest, Collector, CollectorConfig, MemorySourceChoice, ProcessDetail } from './collect/types.ts';
export { FAMILIES, FAMILIES_WITH_USER } from './metrics/catalogue.ts';
export { PageEncoder } from './metrics/encode/page-encoder.ts';
export type { Family, SampleSink } from './metrics/family.ts';
export { registerDeviceFamilies } from './metrics/prom-client/register-device-families.ts';
export { createReportingClient } from './reporting-client/client.ts';
export type {
  AllocatedBuffer,
  AllocatedCircularBuffer,
  AllocatorStatistics,
  FailedAllocation,
  LoadedKernel,
  ReportedId,
  ReportingClient,
  ReportingClientOptions,
  ReportingCounts,
} from './reporting-client/types.ts';
export type { Snapshot } from './snapshot/snapshot.ts';
