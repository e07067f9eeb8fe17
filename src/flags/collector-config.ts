import type { CollectorConfig } from '../collect/types.ts';
import type { Settings } from './table.ts';

/** What the reading side needs of the settings. */
export function collectorConfig(settings: Settings): CollectorConfig {
  return {
    sysfsPath: settings.sysfsPath,
    pcieCounters: settings.pcieCounters,
    procfsPath: settings.procfsPath,
    shmPath: settings.shmPath,
    podLogsPath: settings.podLogsPath,
    podResourcesSocket: settings.podResourcesSocket,
    socketPath: settings.socketPath,
    socketOwner: settings.socketOwner,
    collectors: settings.collectors,
    memorySource: settings.memorySource,
    processDetail: settings.processDetail,
    processUser: settings.processUser,
    maxProcesses: settings.maxProcesses,
    capacityConfigFile: settings.capacityConfigFile,
    devicesExpected: settings.devicesExpected,
    maintenanceFile: settings.maintenanceFile,
  };
}
