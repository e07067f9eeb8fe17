import { BOARDS } from './boards.ts';
import type { Board } from './boards.ts';
import type { CardPlan } from './card-plan.ts';
import { FEATURES, atLeast, publishes } from './driver.ts';

const NAMES = {
  wormhole: ['asic1_temp', 'vcore1', 'current1', 'power1'],
  blackhole: ['asic_temp', 'vcore', 'current', 'power'],
} as const;
const CHANNELS = ['temp1', 'in0', 'curr1', 'power1'] as const;

/** The driver's counts of 32-byte flits, as they stand at the start: one is about to wrap. (tt-kmd: docs/sysfs-attributes.md) */
const FLITS = {
  mst_rd_data_word_received: 123_456,
  mst_nonposted_wr_data_word_sent: 0,
  mst_posted_wr_data_word_sent: 4_294_967_290,
  slv_nonposted_wr_data_word_received: 77,
  slv_posted_wr_data_word_received: 889_900,
  slv_rd_data_word_sent: 5150,
} as const;

const CORRECTABLE = ['RxErr', 'BadTLP', 'BadDLLP', 'Rollover', 'Timeout', 'NonFatalErr', 'CorrIntErr', 'HeaderOF'];
const UNCORRECTABLE =
  'Undefined DLP SDES TLP FCP CmpltTO CmpltAbrt UnxCmplt RxOF MalfTLP ECRC UnsupReq ACSViol UncorrIntErr BlockedTLP AtomicOpBlocked TLPBlockedErr PoisonTLPBlocked'.split(
    ' ',
  );

/** Text of an aer_dev_* attribute with these counts, the others 0. (linux: Documentation/ABI/testing/sysfs-bus-pci-devices-aer) */
export function aerText(
  severity: 'correctable' | 'fatal' | 'nonfatal',
  counts: Readonly<Record<string, number>> = {},
): string {
  const names = severity === 'correctable' ? CORRECTABLE : UNCORRECTABLE;
  const total = { correctable: 'TOTAL_ERR_COR', fatal: 'TOTAL_ERR_FATAL', nonfatal: 'TOTAL_ERR_NONFATAL' }[severity];
  const sum = Object.values(counts).reduce((a, b) => a + b, 0);
  return [...names.map((name) => `${name} ${counts[name] ?? 0}`), `${total} ${sum}`].join('\n');
}

/**
 * Every attribute of a card that changes or tells something, by file name (`pcie_perf_counters/…` for the counters),
 * without the newline, as the driver of this version shows it at the start.
 */
export function initialValues(plan: CardPlan, driverVersion: string | undefined): Map<string, string> {
  const board: Board = BOARDS[plan.board];
  const values = new Map(Object.entries(pciValues(board)));
  if (driverVersion !== undefined && plan.driverIndex !== undefined) {
    if (atLeast(driverVersion, FEATURES.perfCounters)) addFlits(values);
    for (const [name, value] of Object.entries(telemetry(plan, board))) {
      const shown = plan.telemetry === 'full' || (plan.telemetry === 'labels' && name.endsWith('_label'));
      if (shown && publishes(driverVersion, board.arch, name)) values.set(name, value);
    }
  }
  for (const [name, value] of Object.entries(plan.values)) values.set(name, value);
  return values;
}

function pciValues(board: Board): Record<string, string> {
  return {
    current_link_speed: board.pci.speed,
    current_link_width: String(board.pci.width),
    max_link_speed: board.pci.speed,
    max_link_width: String(board.pci.maxWidth),
    aer_dev_correctable: aerText('correctable'),
    aer_dev_fatal: aerText('fatal'),
    aer_dev_nonfatal: aerText('nonfatal'),
  };
}

function addFlits(values: Map<string, string>): void {
  for (const [name, flits] of Object.entries(FLITS)) {
    for (const noc of [0, 1]) values.set(`pcie_perf_counters/${name}${noc}`, String(flits));
  }
}

function telemetry(plan: CardPlan, board: Board): Record<string, string> {
  const values: Record<string, string> = {
    tt_aiclk: String(board.clocks.ai.idle),
    tt_axiclk: String(board.clocks.axi),
    tt_arcclk: String(board.clocks.arc),
    tt_card_type: board.name,
    tt_serial: hexId(plan.serial),
    tt_asic_id: hexId(plan.asicId),
    tt_heartbeat: String(board.heartbeat),
    tt_therm_trip_count: '0',
  };
  for (const [name, version] of Object.entries(board.firmware)) values[`tt_${name}`] = version;
  CHANNELS.forEach((channel, i) => {
    values[`${channel}_label`] = NAMES[board.arch][i] ?? '';
    values[`${channel}_input`] = String(board.sensors[channel].idle);
    values[`${channel}_max`] = String(board.sensors[channel].max);
  });
  if (board.fan !== undefined) {
    values['fan1_label'] = 'fan_rpm';
    values['fan1_input'] = board.fan === 'absent' ? '4294967295' : String(board.fan.idle);
  }
  return values;
}

/** 16 upper-case hex digits, as tt_serial and tt_asic_id are printed. */
export function hexId(id: bigint): string {
  return id.toString(16).toUpperCase().padStart(16, '0');
}
