/** A reading with its limit, in base units. */
export interface SensorReading {
  readonly value: number | undefined;
  readonly limit: number | undefined;
}

export type SensorName =
  'temperature' | 'voltage' | 'current' | 'power' | 'fan' | 'clock_ai' | 'clock_axi' | 'clock_arc';

/** A reading that was there and cannot be true, so it was left out. `reason`: `all_ones`, `implausible`, `sensor_error`. */
export interface RejectedReading {
  /**
   * The value of the metrics' `sensor` label: `asic`, `vcore`, `fan`, `clock_ai`, `clock_axi`, `clock_arc`, `heartbeat`,
   * `thermal_trips`. A reading's limit goes by the reading's name. No two entries of a card are equal.
   */
  readonly sensor: string;
  readonly reason: string;
}

export type FirmwareComponent = 'bundle' | 'arc' | 'eth' | 'm3bl' | 'm3app' | 'ttflash';

export interface PcieLink {
  /** Transfers per second of one lane: 16.0 GT/s is 16e9. */
  readonly speed: number | undefined;
  readonly maxSpeed: number | undefined;
  /** Lanes. */
  readonly width: number | undefined;
  readonly maxWidth: number | undefined;
}

export interface PcieErrorCount {
  readonly severity: 'correctable' | 'nonfatal' | 'fatal';
  /** As the kernel spells it: `RxErr`, `BadTLP`, … never the kernel's TOTAL lines. */
  readonly error: string;
  readonly count: number;
}

/** What one of the driver's 32-bit counters has counted since the card was first seen, wraps and all. */
export interface FlitCounter {
  readonly noc: 0 | 1;
  /** The driver's words, seen from the NOC: `master`: the PCIe interface asks; `slave`: it is asked. */
  readonly role: 'master' | 'slave';
  readonly operation: 'read' | 'write_posted' | 'write_nonposted';
  readonly bytes: number;
}

/**
 * `ok`; `resetting`: reads give ENODATA; `firmware_down`: the driver is bound and publishes no telemetry;
 * `unreachable`: reads give all ones; `no_driver`: the function is on the bus and no driver is bound to it.
 */
export type CardState = 'ok' | 'resetting' | 'firmware_down' | 'unreachable' | 'no_driver';
export const CARD_STATES = [
  'ok',
  'resetting',
  'firmware_down',
  'unreachable',
  'no_driver',
] as const satisfies readonly CardState[];

export type Architecture = 'grayskull' | 'wormhole' | 'blackhole';

/** One Tenstorrent function on the PCI bus. */
export interface Card {
  /** Position in the order of PCI address among all Tenstorrent functions, driver bound or not. */
  readonly index: number;
  /** `0000:c1:00.0` */
  readonly pciAddress: string;
  readonly arch: Architecture | undefined;
  /** N of /dev/tenstorrent/N; undefined without a driver. */
  readonly driverIndex: number | undefined;
  /** Of the character device, from tenstorrent!N/dev. */
  readonly deviceNumber: { readonly major: number; readonly minor: number } | undefined;
  readonly subsystemId: number | undefined;
  /**
   * undefined: it cannot be told, because a read is blocked or not done yet, the files are refused, or the driver was
   * letting go of the card meanwhile. What comes from the PCI function alone (arch, board by its subsystem, link, AER) can
   * be known all the same.
   */
  readonly state: CardState | undefined;
  /** `n150`, `p150a`, …, named from the serial where the driver says `unknown`. */
  readonly board: string | undefined;
  readonly serial: bigint | undefined;
  readonly asicId: bigint | undefined;
  readonly firmware: readonly { readonly component: FirmwareComponent; readonly version: string }[];
  /** Degrees Celsius. */
  readonly temperature: SensorReading;
  /** Volts. */
  readonly voltage: SensorReading;
  /** Amperes. */
  readonly current: SensorReading;
  /** Watts, of the ASIC's core. */
  readonly power: SensorReading;
  readonly fanRpm: number | undefined;
  /** Hertz. */
  readonly clocks: {
    readonly ai: number | undefined;
    readonly axi: number | undefined;
    readonly arc: number | undefined;
  };
  readonly heartbeat: number | undefined;
  readonly thermalTrips: number | undefined;
  readonly link: PcieLink;
  readonly pcieErrors: readonly PcieErrorCount[];
  /** Those that are being counted: empty where they are not asked for, or the card cannot be read now. */
  readonly flitCounters: readonly FlitCounter[];
  readonly rejected: readonly RejectedReading[];
  /** -1 and absence alike are undefined. */
  readonly numaNode: number | undefined;
}

export interface SysfsReading {
  /** `2.10.0`; undefined where the module is not loaded. */
  readonly driverVersion: string | undefined;
  /**
   * In order of PCI address. A card whose read is blocked is there, with an undefined state; one that was unplugged
   * since the bus was listed is not, and leaves its index free.
   */
  readonly cards: readonly Card[];
}
