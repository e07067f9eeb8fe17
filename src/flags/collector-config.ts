import type { CollectorConfig } from '../collect/types.ts';
import { COLLECTORS } from './table.ts';
import type { CollectorName, Settings } from './table.ts';

/** What the reading side needs of the settings. */
export function collectorConfig(settings: Settings): CollectorConfig {
  return {
    sysfsPath: settings.sysfsPath,
    procfsPath: settings.procfsPath,
    shmPath: settings.shmPath,
    socketPath: settings.socketPath,
    socketOwner: settings.socketOwner,
    collectors: enabledCollectors(settings),
    memorySource: settings.memorySource,
    capacityConfigFile: settings.capacityConfigFile,
    devicesExpected: settings.devicesExpected,
    maintenanceFile: settings.maintenanceFile,
  };
}

/** The names of the collectors that are not switched off. */
export function enabledCollectors(settings: Settings): CollectorName[] {
  const enabled: Readonly<Record<CollectorName, boolean>> = {
    allocation_server: settings.collectorAllocationServer,
    shared_memory: settings.collectorSharedMemory,
    sysfs: settings.collectorSysfs,
    procfs: settings.collectorProcfs,
  };
  return COLLECTORS.filter((name) => enabled[name]);
}
