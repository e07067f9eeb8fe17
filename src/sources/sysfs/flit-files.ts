import type { Lane } from '../../io/lanes.ts';
import type { CardLocation } from './enumerate.ts';
import type { FlitCounter } from './types.ts';

/** What one of the driver's counters counts. */
export type FlitFlow = Omit<FlitCounter, 'bytes'>;

interface FlitFile extends FlitFlow {
  readonly file: string;
}

const FLOWS = [
  ['mst_rd_data_word_received', 'master', 'read'],
  ['mst_posted_wr_data_word_sent', 'master', 'write_posted'],
  ['mst_nonposted_wr_data_word_sent', 'master', 'write_nonposted'],
  ['slv_rd_data_word_sent', 'slave', 'read'],
  ['slv_posted_wr_data_word_received', 'slave', 'write_posted'],
  ['slv_nonposted_wr_data_word_received', 'slave', 'write_nonposted'],
] as const;

/**
 * The driver's counters, since driver 2.0: 32 bits, 32-byte flits, counted from the chip's last reset on (tt-kmd:
 * docs/sysfs-attributes.md).
 */
export const FLIT_FILES: readonly FlitFile[] = ([0, 1] as const).flatMap((noc) =>
  FLOWS.map(([name, role, operation]) => ({ file: `pcie_perf_counters/${name}${noc}`, noc, role, operation })),
);

const WORD_BYTES = 64;
const HEARTBEAT = 'tt_heartbeat';

/**
 * The counters of a card, in order, with the firmware's heartbeat before and after them: it tells that the chip was
 * reset in between, and from driver 2.9 on a read of it waits until a reset is over, which reads of the counters do not.
 * undefined where the card has no files of the driver.
 */
export function flitLane({ pciAddress, generation, classDirectory }: CardLocation): Lane | undefined {
  if (classDirectory === undefined) return undefined;
  const files = [HEARTBEAT, ...FLIT_FILES.map(({ file }) => file), HEARTBEAT];
  return {
    key: `sysfs/${pciAddress}/flits`,
    generation,
    files: files.map((file) => ({ path: `${classDirectory}/${file}`, maxBytes: WORD_BYTES })),
  };
}
