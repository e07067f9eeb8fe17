/** A reading of the ASIC when nothing runs and under full load, in the driver's units. */
export interface Swing {
  readonly idle: number;
  readonly busy: number;
}

export interface SensorModel extends Swing {
  /** The `_max` attribute. */
  readonly max: number;
}

/** A kind of board: what the driver says about each of its PCI functions. */
export interface Board {
  /** As `tt_card_type` has it. */
  readonly name: string;
  readonly arch: 'wormhole' | 'blackhole';
  /** The board's number in bits 36 to 55 of its serial (tt-kmd: telemetry.c). */
  readonly upi: number;
  readonly pci: {
    readonly device: string;
    readonly subsystem: string;
    readonly revision: string;
    readonly speed: string;
    readonly width: number;
    readonly maxWidth: number;
  };
  /** Chips behind Ethernet, with no PCI function of their own. */
  readonly remoteChips: number;
  /** Text attributes that firmware publishes, by name without `tt_`. */
  readonly firmware: Readonly<Record<string, string>>;
  /** MHz. */
  readonly clocks: { readonly ai: Swing; readonly axi: number; readonly arc: number };
  /** m°C, mV, mA and µW. */
  readonly sensors: {
    readonly temp1: SensorModel;
    readonly in0: SensorModel;
    readonly curr1: SensorModel;
    readonly power1: SensorModel;
  };
  /** RPM; `absent`: firmware says "no fan" as 4294967295; undefined: the architecture has no such channel. */
  readonly fan: Swing | 'absent' | undefined;
  readonly heartbeat: number;
}

const WORMHOLE_PCI = {
  device: '0x401e',
  revision: '0x01',
  speed: '16.0 GT/s PCIe',
  width: 16,
  maxWidth: 16,
} as const;
const BLACKHOLE_PCI = {
  device: '0xb140',
  revision: '0x00',
  speed: '32.0 GT/s PCIe',
  width: 16,
  maxWidth: 16,
} as const;

const WORMHOLE_FIRMWARE = {
  fw_bundle_ver: '18.12.1.0',
  arc_fw_ver: '2.37.0.0',
  eth_fw_ver: '7.2.0',
  m3bl_fw_ver: '129.2.0.0',
  m3app_fw_ver: '5.12.0.0',
  ttflash_ver: '3.4.0.0',
} as const;
const BLACKHOLE_FIRMWARE = { fw_bundle_ver: '19.10.0.0', m3app_fw_ver: '0.22.0.0' } as const;

const WORMHOLE_CLOCKS = { ai: { idle: 500, busy: 1000 }, axi: 900, arc: 540 } as const;
const BLACKHOLE_CLOCKS = { ai: { idle: 800, busy: 1350 }, axi: 960, arc: 800 } as const;

const N150_SENSORS = {
  temp1: { idle: 41_187, busy: 66_500, max: 75_000 },
  in0: { idle: 795, busy: 850, max: 950 },
  curr1: { idle: 15_000, busy: 95_000, max: 240_000 },
  power1: { idle: 12_000_000, busy: 81_000_000, max: 100_000_000 },
} as const;
const P150_SENSORS = {
  temp1: { idle: 54_000, busy: 78_000, max: 90_000 },
  in0: { idle: 742, busy: 820, max: 900 },
  curr1: { idle: 41_000, busy: 150_000, max: 200_000 },
  power1: { idle: 30_000_000, busy: 123_000_000, max: 150_000_000 },
} as const;

const N150: Board = {
  name: 'n150',
  arch: 'wormhole',
  upi: 0x18,
  pci: { ...WORMHOLE_PCI, subsystem: '0x0018' },
  remoteChips: 0,
  firmware: WORMHOLE_FIRMWARE,
  clocks: WORMHOLE_CLOCKS,
  sensors: N150_SENSORS,
  fan: undefined,
  heartbeat: 184_467,
};

const P150A: Board = {
  name: 'p150a',
  arch: 'blackhole',
  upi: 0x40,
  pci: { ...BLACKHOLE_PCI, subsystem: '0x0040' },
  remoteChips: 0,
  firmware: BLACKHOLE_FIRMWARE,
  clocks: BLACKHOLE_CLOCKS,
  sensors: P150_SENSORS,
  fan: { idle: 2068, busy: 3900 },
  heartbeat: 902_144,
};

/** The boards that a simulated host can have, from real readings where there are any (tt-system-firmware: fw_table). */
export const BOARDS = {
  n150: N150,
  n300: {
    ...N150,
    name: 'n300',
    upi: 0x14,
    pci: { ...WORMHOLE_PCI, subsystem: '0x0014' },
    remoteChips: 1,
    sensors: {
      temp1: { idle: 41_187, busy: 64_000, max: 75_000 },
      in0: { idle: 795, busy: 840, max: 950 },
      curr1: { idle: 15_000, busy: 80_000, max: 160_000 },
      power1: { idle: 12_000_000, busy: 67_000_000, max: 85_000_000 },
    },
  },
  'galaxy-wormhole': {
    ...N150,
    name: 'galaxy-wormhole',
    upi: 0x35,
    pci: { ...WORMHOLE_PCI, subsystem: '0x0035', width: 1 },
    sensors: {
      temp1: { idle: 29_000, busy: 58_000, max: 75_000 },
      in0: { idle: 910, busy: 930, max: 1000 },
      curr1: { idle: 35_000, busy: 88_000, max: 160_000 },
      power1: { idle: 32_000_000, busy: 82_000_000, max: 85_000_000 },
    },
  },
  p150a: P150A,
  p150b: { ...P150A, name: 'p150b', upi: 0x41, pci: { ...BLACKHOLE_PCI, subsystem: '0x0041' }, fan: 'absent' },
  p300a: {
    ...P150A,
    name: 'p300a',
    upi: 0x45,
    pci: { ...BLACKHOLE_PCI, subsystem: '0x0045' },
    sensors: {
      ...P150_SENSORS,
      curr1: { idle: 36_000, busy: 90_000, max: 500_000 },
      power1: { idle: 27_000_000, busy: 74_000_000, max: 86_000_000 },
    },
  },
  'galaxy-blackhole': {
    ...P150A,
    name: 'galaxy-blackhole',
    upi: 0x47,
    pci: { ...BLACKHOLE_PCI, subsystem: '0x0047' },
    sensors: {
      ...P150_SENSORS,
      curr1: { idle: 39_000, busy: 140_000, max: 500_000 },
      power1: { idle: 29_000_000, busy: 115_000_000, max: 130_000_000 },
    },
    fan: 'absent',
  },
} as const satisfies Record<string, Board>;

export type BoardName = keyof typeof BOARDS;
