import type { BoardName } from './boards.ts';

/** Where one PCI function sits and who it says it is, before anything is written. */
export interface CardPlan {
  readonly board: BoardName;
  /** `0000:c1:00.0` */
  readonly pciAddress: string;
  /** N of /dev/tenstorrent/N; undefined: no driver is bound. */
  readonly driverIndex: number | undefined;
  readonly serial: bigint;
  readonly asicId: bigint;
  /** Position of the ASIC on its board, or in the tray of a Galaxy. */
  readonly location: number;
  /** `none`: firmware never answered; `labels`: its table was rejected, so that hwmon has names only. */
  readonly telemetry: 'full' | 'labels' | 'none';
  /** Numbers of its hwmon folders: one; two where the driver registered it twice (tt-kmd issue 25). */
  readonly hwmon: readonly number[];
  /** Instead of the board's own values. */
  readonly values: Readonly<Record<string, string>>;
}

/** A host: its driver and its cards in order of PCI address. */
export interface HostPlan {
  /** undefined: the module is not loaded. */
  readonly driverVersion: string | undefined;
  readonly cards: readonly CardPlan[];
  /** A state that all cards are put into at the start. */
  readonly state?: 'frozen' | 'all-ones' | 'resetting';
}
