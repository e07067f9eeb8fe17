import { compareVersions } from '../capacity/compare-versions.ts';
import type { Board } from './boards.ts';

/** First driver version with each attribute, by architecture; an attribute that is missing here was never there. (tt-kmd: telemetry.c and docs/sysfs-attributes.md at the tags) */
const SINCE = {
  wormhole: {
    tt_aiclk: '1.28.0',
    tt_axiclk: '1.28.0',
    tt_arcclk: '1.28.0',
    tt_card_type: '1.28.0',
    tt_serial: '1.28.0',
    tt_asic_id: '2.3.0',
    tt_fw_bundle_ver: '1.29.0',
    tt_arc_fw_ver: '1.28.0',
    tt_eth_fw_ver: '1.28.0',
    tt_m3bl_fw_ver: '1.28.0',
    tt_m3app_fw_ver: '1.28.0',
    tt_ttflash_ver: '1.28.0',
    tt_heartbeat: '2.7.0',
    temp1_max: '1.28.0',
    in0_max: '1.28.0',
    curr1_max: '1.28.0',
    power1_max: '1.28.0',
  },
  blackhole: {
    tt_aiclk: '1.32.0',
    tt_axiclk: '1.32.0',
    tt_arcclk: '1.32.0',
    tt_card_type: '1.32.0',
    tt_serial: '1.32.0',
    tt_asic_id: '2.1.0',
    tt_fw_bundle_ver: '1.32.0',
    tt_m3app_fw_ver: '1.32.0',
    tt_heartbeat: '2.7.0',
    tt_therm_trip_count: '2.7.0',
    fan1_label: '2.0.0',
    fan1_input: '2.0.0',
    temp1_max: '2.9.0',
    in0_max: '2.9.0',
    curr1_max: '2.9.0',
    power1_max: '2.9.0',
  },
} as const satisfies Record<Board['arch'], Record<string, string>>;

const ALWAYS = /^(temp1|in0|curr1|power1)_(input|label)$/;

/** Whether a driver of this version publishes the attribute for the architecture. */
export function publishes(driverVersion: string, arch: Board['arch'], attribute: string): boolean {
  if (ALWAYS.test(attribute)) return true;
  const since: string | undefined = new Map<string, string>(Object.entries(SINCE[arch])).get(attribute);
  return since !== undefined && atLeast(driverVersion, since);
}

/** What else came with a version. */
export const FEATURES = {
  /** pcie_perf_counters/ */
  perfCounters: '2.0.0',
  /** /proc/driver/tenstorrent/N/pids */
  pids: '2.5.0',
  /** /dev/tenstorrent/by-id */
  byId: '2.6.0',
  /** Reads give ENODATA while the device is being reset; all ones before. */
  resetGuard: '2.9.0',
} as const;

/** Whether `version` is `since` or newer. */
export function atLeast(version: string, since: string): boolean {
  return compareVersions(version, since) >= 0;
}
