export interface Migration {
  readonly tool: string;
  readonly intro: string;
  /** [their name, ours or '' where there is none, what changes or why there is none] */
  readonly rows: readonly (readonly [theirs: string, ours: string, change: string])[];
}

const NOT_FORWARDED = 'the driver does not forward it';
const HOST = 'a matter for node_exporter or process-exporter';

const TT_SMI: Migration = {
  tool: 'tt-smi',
  intro: 'Members of the snapshot that `tt-smi -s` writes. Its values are text; it opens every device.',
  rows: [
    ['telemetry.voltage', 'tt_device_voltage_volts', 'volts, as it is'],
    ['telemetry.current', 'tt_device_current_amperes', 'amperes, as it is'],
    ['telemetry.power', 'tt_device_power_watts', 'watts, as it is: the ASIC core, not the board'],
    ['telemetry.board_power', '', NOT_FORWARDED],
    ['telemetry.aiclk', 'tt_device_clock_hertz{clock="ai"}', 'MHz × 1,000,000'],
    ['telemetry.asic_temperature', 'tt_device_temperature_celsius', 'degrees Celsius, as it is'],
    ['telemetry.fan_speed', 'tt_device_fan_speed_rpm', 'revolutions per minute, not per cent'],
    ['telemetry.heartbeat', 'tt_device_heartbeat_total', 'raw: tt-smi divides by 5 (Wormhole) or 6 (Blackhole)'],
    ['board_info.bus_id', 'tt_device_info{pci_address}', 'as it is'],
    ['board_info.board_type', 'tt_device_info{board, location}', '`n300 L` is `n300` with location 0, `n300 R` with 1'],
    ['board_info.board_id', 'tt_device_info{serial}', 'upper-case'],
    [
      'board_info.pcie_speed',
      'tt_device_pcie_link_transfers_per_second',
      'transfers, not generations: generation 4 is 16e9',
    ],
    ['board_info.pcie_width', 'tt_device_pcie_link_width_lanes', 'as it is'],
    ['board_info.dram_status, dram_speed, coords', '', NOT_FORWARDED],
    ['firmwares.fw_bundle_version', 'tt_firmware_info{component="bundle"}', 'as it is'],
    ['firmwares.cm_fw', 'tt_firmware_info{component="arc"}', 'as it is'],
    ['firmwares.eth_fw', 'tt_firmware_info{component="eth"}', 'as it is'],
    ['firmwares.dm_bl_fw', 'tt_firmware_info{component="m3bl"}', 'as it is'],
    ['firmwares.dm_app_fw', 'tt_firmware_info{component="m3app"}', 'as it is'],
    ['firmwares.tt_flash_version', 'tt_firmware_info{component="ttflash"}', 'as it is'],
    ['firmwares.cm_fw_date, gddr_fw', '', NOT_FORWARDED],
    ['limits.vdd_max', 'tt_device_voltage_limit_volts', 'volts'],
    ['limits.tdc_limit', 'tt_device_current_limit_amperes', 'as it is'],
    ['limits.tdp_limit', 'tt_device_power_limit_watts', 'as it is'],
    ['limits.thm_limit', 'tt_device_temperature_limit_celsius', 'as it is: where it throttles'],
    ['limits.vdd_min, asic_fmax, bus_peak_limit, …', '', NOT_FORWARDED],
    ['gddr_telemetry', '', NOT_FORWARDED],
    ['processes[].pid, device', 'tt_process_open_devices', 'number of descriptors'],
    ['processes[].user, cmdline', '', 'not published'],
    ['host_info.Driver', 'tt_driver_info', 'as it is'],
  ],
};

const TT_TELEMETRY: Migration = {
  tool: 'tt-telemetry',
  intro: 'Names as its documentation has them. It opens the devices.',
  rows: [
    ['tt_ai_clock_mhz', 'tt_device_clock_hertz{clock="ai"}', 'MHz × 1,000,000'],
    ['tt_ai_clock_limit_mhz', '', NOT_FORWARDED],
    ['tt_asic_temperature_celsius', 'tt_device_temperature_celsius', 'as it is'],
    ['tt_board_temperature_celsius', '', NOT_FORWARDED],
    ['tt_thermal_throttle_limit_celsius', 'tt_device_temperature_limit_celsius', 'as it is'],
    ['tt_thermal_shutdown_limit_celsius', '', NOT_FORWARDED],
    ['tt_thermal_trip_count', 'tt_device_thermal_trips_total', 'a counter'],
    ['tt_tdp_w', 'tt_device_power_watts', 'as it is'],
    ['tt_tdc_a', 'tt_device_current_amperes', 'as it is'],
    ['tt_vcore_v', 'tt_device_voltage_volts', 'as it is'],
    ['tt_board_power_limit_w', '', NOT_FORWARDED],
    ['tt_fan_speed_rpm', 'tt_device_fan_speed_rpm', 'as it is'],
    ['tt_fan_speed_percent', 'tt_device_fan_speed_rpm', 'revolutions per minute, not per cent'],
    ['tt_arc_heartbeat', 'tt_device_heartbeat_total', 'a counter: `changes(…[5m]) > 0` is their 1'],
    ['tt_firmware_bundle_info', 'tt_firmware_info{component="bundle"}', 'one family for all components'],
    ['tt_cm_firmware_info', 'tt_firmware_info{component="arc"}', 'one family for all components'],
    ['tt_ethernet_firmware_info', 'tt_firmware_info{component="eth"}', 'one family for all components'],
    ['tt_dm_bootloader_firmware_info', 'tt_firmware_info{component="m3bl"}', 'one family for all components'],
    ['tt_dm_app_firmware_info', 'tt_firmware_info{component="m3app"}', 'one family for all components'],
    ['tt_flash_info', 'tt_firmware_info{component="ttflash"}', 'one family for all components'],
    ['tt_telemetry_info', 'tt_exporter_build_info', ''],
    ['tt_chip_count', 'tt_devices', '`sum(tt_devices)`; remote chips are not in it'],
    ['tt_expected_chip_count', 'tt_devices_expected', 'absent unless configured'],
    ['tt_driver_initialized, tt_device_accessible, tt_noc_alive, tt_pcie_link_alive', 'tt_device_state', 'by `state`'],
    ['tt_device_metrics_readable_percent', 'tt_device_sensor_rejected', 'the readings that were left out, one by one'],
    ['tt_device_dram_total_megabytes', 'tt_dram_capacity_bytes', 'bytes'],
    [
      'tt_device_dram_used_megabytes',
      'tt_device_dram_allocated_bytes',
      'bytes, by `type`; absent, not 0, where there is no region or a layout is unknown',
    ],
    ['tt_dram_total_megabytes, tt_dram_used_megabytes', 'tt_device_dram_allocated_bytes', '`sum()` over the chips'],
    ['tt_process', 'tt_process_info', 'no command line'],
    ['tt_process_count', 'tt_process_open_devices', '`count by (device)`'],
    ['tt_reset_count, tt_dram_trained, tt_dram_speed_mbps, other tt_dram_*', '', NOT_FORWARDED],
    ['tt_eth*, tt_cable_present, tt_fabric_*', '', NOT_FORWARDED],
  ],
};

const TT_MGMT: Migration = {
  tool: 'tt-mgmt',
  intro:
    'Names on the `/metrics` of its daemon. Its labels `device`, `pci_bdf` and `arch` are in `tt_device_info`, `process` is `comm` in `tt_process_info`.',
  rows: [
    ['tt_temperature_celsius', 'tt_device_temperature_celsius', 'as it is'],
    ['tt_vreg_temperature_celsius', '', NOT_FORWARDED],
    ['tt_power_watts', 'tt_device_power_watts', 'as it is'],
    ['tt_voltage_millivolts', 'tt_device_voltage_volts', '÷ 1000'],
    ['tt_current_milliamps', 'tt_device_current_amperes', '÷ 1000'],
    ['tt_aiclk_mhz', 'tt_device_clock_hertz{clock="ai"}', '× 1,000,000'],
    ['tt_fan_speed_rpm', 'tt_device_fan_speed_rpm', 'as it is'],
    ['tt_dram_total_bytes', 'tt_dram_capacity_bytes', 'as it is'],
    ['tt_l1_total_bytes', 'tt_l1_capacity_bytes', 'as it is'],
    ['tt_dram_used_bytes', 'tt_device_dram_allocated_bytes{type="dram"}', 'absent, not 0, where unknown'],
    ['tt_trace_used_bytes', 'tt_device_dram_allocated_bytes{type="trace"}', 'absent, not 0, where unknown'],
    ['tt_l1_used_bytes', 'tt_device_l1_allocated_bytes{type="l1"}', 'absent, not 0, where unknown'],
    ['tt_l1_small_used_bytes', 'tt_device_l1_allocated_bytes{type="l1_small"}', 'absent, not 0, where unknown'],
    ['tt_cb_used_bytes', 'tt_device_l1_allocated_bytes{type="cb"}', 'absent, not 0, where unknown'],
    ['tt_process_dram_bytes', 'tt_dram_allocated_bytes{type="dram"}', "the host's PID"],
    ['tt_process_trace_bytes', 'tt_dram_allocated_bytes{type="trace"}', "the host's PID"],
    ['tt_process_l1_bytes', 'tt_l1_allocated_bytes{type="l1"}', "the host's PID"],
    ['tt_process_l1_small_bytes', 'tt_l1_allocated_bytes{type="l1_small"}', "the host's PID"],
    ['tt_process_cb_bytes', 'tt_l1_allocated_bytes{type="cb"}', "the host's PID"],
    ['tt_process_runtime_seconds', 'tt_process_start_time_seconds', '`time() -` it'],
    ['tt_process_cpu_percent, tt_process_threads, tt_process_vm_*', '', HOST],
  ],
};

const SHION_EXPORTER: Migration = {
  tool: 'Shion1305/tt-exporter',
  intro:
    'Its label `device_id` is `pci_address` in `tt_device_info`, and `asic_id` of its memory families is `chip_id` there.',
  rows: [
    ['tenstorrent_power_watts', 'tt_device_power_watts', 'as it is'],
    ['tenstorrent_temperature_celsius', 'tt_device_temperature_celsius', 'as it is'],
    ['tenstorrent_fan_speed_percent', 'tt_device_fan_speed_rpm', 'revolutions per minute, not per cent'],
    ['tenstorrent_aiclk_mhz', 'tt_device_clock_hertz{clock="ai"}', '× 1,000,000'],
    [
      'tenstorrent_utilization_percent',
      'tt_device_power_watts',
      'it is power by limit: divide by tt_device_power_limit_watts',
    ],
    ['tenstorrent_active_workers', 'tt_process_open_devices', '`count by (device)`'],
    ['tenstorrent_dram_used_bytes', 'tt_device_dram_allocated_bytes{type="dram"}', 'as it is'],
    ['tenstorrent_l1_used_bytes', 'tt_device_l1_allocated_bytes{type="l1"}', 'as it is'],
    [
      'tenstorrent_chip_dram_used_bytes',
      'tt_device_dram_allocated_bytes{type="dram"}',
      'a remote chip is a `device` of its own',
    ],
    ['tenstorrent_proc_dram_used_bytes', 'tt_dram_allocated_bytes{type="dram"}', "always on, with the host's PID"],
    ['tenstorrent_mem_phantom', 'tt_dram_orphaned_bytes', 'bytes by owner, and L1 beside it; the totals stay'],
    ['tenstorrent_shm_liveness_unverifiable', 'tt_memory_tracker_state{state="unverifiable"}', 'as it is'],
    [
      'tenstorrent_mem_reference_count, tenstorrent_shm_num_active_processes',
      'tt_memory_region_slots_used',
      'those two are not reliable',
    ],
    ['tenstorrent_shm_version', 'tt_memory_tracker_info{version}', 'a label'],
    ['tenstorrent_shm_last_update_seconds', 'tt_memory_last_update_timestamp_seconds', 'as it is'],
    ['tenstorrent_shm_parse_errors_total', 'tt_exporter_read_errors_total{collector="shared_memory"}', 'other reasons'],
    ['tenstorrent_shm_info', 'tt_device_info{logical_id}', 'a label'],
  ],
};

const ALL_SMI: Migration = {
  tool: 'all-smi',
  intro: 'Its labels `uuid` and `index` identify a chip; here `device` does, and `tt_device_info` has the rest.',
  rows: [
    ['all_smi_gpu_frequency_mhz', 'tt_device_clock_hertz{clock="ai"}', '× 1,000,000'],
    ['all_smi_gpu_temperature_celsius', 'tt_device_temperature_celsius', 'as it is'],
    ['all_smi_gpu_power_consumption_watts', 'tt_device_power_watts', 'as it is'],
    ['all_smi_gpu_memory_total_bytes', 'tt_dram_capacity_bytes', 'as it is'],
    ['all_smi_gpu_memory_used_bytes', 'tt_device_dram_allocated_bytes', '`sum by (device)`'],
    ['all_smi_tenstorrent_board_info', 'tt_device_info', 'other labels'],
    ['all_smi_tenstorrent_asic_temperature_celsius', 'tt_device_temperature_celsius', 'as it is'],
    ['all_smi_tenstorrent_vreg_…, inlet_…, outlet1_…, outlet2_temperature_celsius', '', NOT_FORWARDED],
    ['all_smi_tenstorrent_aiclk_mhz', 'tt_device_clock_hertz{clock="ai"}', '× 1,000,000'],
    ['all_smi_tenstorrent_axiclk_mhz', 'tt_device_clock_hertz{clock="axi"}', '× 1,000,000'],
    ['all_smi_tenstorrent_arcclk_mhz', 'tt_device_clock_hertz{clock="arc"}', '× 1,000,000'],
    ['all_smi_tenstorrent_voltage_volts', 'tt_device_voltage_volts', 'as it is'],
    ['all_smi_tenstorrent_current_amperes', 'tt_device_current_amperes', 'as it is'],
    ['all_smi_tenstorrent_power_raw_watts', 'tt_device_power_watts', 'as it is'],
    ['all_smi_tenstorrent_tdp_limit_watts', 'tt_device_power_limit_watts', 'as it is'],
    ['all_smi_tenstorrent_tdc_limit_amperes', 'tt_device_current_limit_amperes', 'as it is'],
    ['all_smi_tenstorrent_heartbeat', 'tt_device_heartbeat_total', 'a counter'],
    ['all_smi_tenstorrent_fan_rpm', 'tt_device_fan_speed_rpm', 'as it is'],
    ['all_smi_tenstorrent_fan_speed_percent', 'tt_device_fan_speed_rpm', 'revolutions per minute, not per cent'],
    [
      'all_smi_tenstorrent_pcie_generation',
      'tt_device_pcie_link_transfers_per_second',
      'transfers, not generations: generation 4 is 16e9',
    ],
    ['all_smi_tenstorrent_pcie_width', 'tt_device_pcie_link_width_lanes', 'as it is'],
    ['all_smi_tenstorrent_pcie_address_info', 'tt_device_info{pci_address}', 'a label'],
    ['all_smi_tenstorrent_arc_firmware_info', 'tt_firmware_info{component="arc"}', 'one family for all components'],
    ['all_smi_tenstorrent_eth_firmware_info', 'tt_firmware_info{component="eth"}', 'one family for all components'],
    ['all_smi_tenstorrent_ddr_…, faults, throttler, arc0_health, arc3_health, …_status_info', '', NOT_FORWARDED],
  ],
};

/** What other tools call the same things. Their names are as their documentation and sources had them in 2026. */
export const MIGRATIONS: readonly Migration[] = [TT_SMI, TT_TELEMETRY, TT_MGMT, SHION_EXPORTER, ALL_SMI];
