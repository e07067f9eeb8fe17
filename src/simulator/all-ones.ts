import type { Board } from './boards.ts';
import { atLeast } from './driver.ts';

const U32 = '4294967295';
const VERSION = '255.255.255.255';

/** What drivers make of 0xFFFFFFFF, by attribute, from 2.9 on and for Blackhole always. (tt-kmd: telemetry.c, wormhole.c) */
const COMMON: Readonly<Record<string, string>> = {
  temp1_input: '65535999',
  temp1_max: '4294966296',
  in0_input: U32,
  in0_max: '65535',
  curr1_input: '4294966296',
  curr1_max: '4294966296',
  power1_input: '4293967296',
  power1_max: '4293967296',
  fan1_input: U32,
  tt_aiclk: U32,
  tt_axiclk: U32,
  tt_arcclk: U32,
  tt_heartbeat: U32,
  tt_therm_trip_count: U32,
  tt_serial: 'F'.repeat(16),
  tt_asic_id: 'F'.repeat(16),
  tt_card_type: 'unknown',
  tt_fw_bundle_ver: VERSION,
  tt_arc_fw_ver: VERSION,
  tt_m3bl_fw_ver: VERSION,
  tt_m3app_fw_ver: VERSION,
  tt_ttflash_ver: VERSION,
  tt_eth_fw_ver: '255.15.4095',
  current_link_speed: 'Unknown',
  current_link_width: '63',
};

/** Wormhole up to 2.8 scaled by other factors. */
const WORMHOLE_28: Readonly<Record<string, string>> = {
  temp1_input: '4095937',
  temp1_max: '65535000',
  curr1_input: '65535000',
  curr1_max: '65535000',
  power1_input: '1110490560',
  power1_max: '1110490560',
};

/** What the attribute shows when every register reads all ones; undefined: it does not come from the chip. */
export function allOnesValue(arch: Board['arch'], driverVersion: string, attribute: string): string | undefined {
  if (attribute.startsWith('pcie_perf_counters/')) return U32;
  const scaled = arch === 'wormhole' && !atLeast(driverVersion, '2.9.0') ? WORMHOLE_28[attribute] : undefined;
  return scaled ?? COMMON[attribute];
}
