import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

/** Contents by file name; a newline is put after each. `undefined` takes a file of the preset away. */
export type Files = Readonly<Record<string, string | undefined>>;

export interface CardTree {
  readonly address: string;
  readonly pci: Files;
  /** undefined: no driver is bound. */
  readonly driver: DriverTree | undefined;
}

export interface DriverTree {
  readonly index: number;
  readonly attributes: Files;
  /** In the hwmon directories, by number. */
  readonly hwmon: Readonly<Record<number, Files>>;
}

const BRIDGE = 'pci0000:00/0000:00:01.0';

/** A folder that looks like /sys, laid out with the links that the kernel makes. Removed when the test is over. */
export class SysfsTree {
  readonly root: string;

  constructor(t: TestContext) {
    this.root = mkdtempSync(join(tmpdir(), 'sysfs-'));
    t.after(() => {
      rmSync(this.root, { recursive: true });
    });
  }

  write(path: string, text: string): void {
    const whole = join(this.root, path);
    mkdirSync(dirname(whole), { recursive: true });
    writeFileSync(whole, `${text}\n`);
  }

  link(path: string, target: string): void {
    const whole = join(this.root, path);
    mkdirSync(dirname(whole), { recursive: true });
    symlinkSync(target, whole);
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true });
  }

  module(version: string): this {
    this.write('module/tenstorrent/version', version);
    return this;
  }

  /** A function of another vendor. */
  foreign(address: string, vendor = '0x8086'): void {
    this.#files(`devices/${BRIDGE}/${address}`, { vendor, device: '0x1533' });
    this.link(`bus/pci/devices/${address}`, `../../../devices/${BRIDGE}/${address}`);
  }

  card({ address, pci, driver }: CardTree): this {
    const directory = `devices/${BRIDGE}/${address}`;
    this.#files(directory, { vendor: '0x1e52', subsystem_vendor: '0x1e52', class: '0x120000', ...pci });
    this.link(`bus/pci/devices/${address}`, `../../../${directory}`);
    if (driver !== undefined) this.#driver(address, directory, driver);
    return this;
  }

  /** As the kernel does it when a card is pulled. */
  unplug({ address, driver }: CardTree): void {
    if (driver !== undefined) this.unbind({ address, driver });
    this.remove(`bus/pci/devices/${address}`);
    this.remove(`devices/${BRIDGE}/${address}`);
  }

  /** As the kernel does it when the driver lets go of a card. */
  unbind({ address, driver }: Pick<CardTree, 'address' | 'driver'>): void {
    if (driver === undefined) return;
    const directory = `devices/${BRIDGE}/${address}`;
    this.remove(`class/tenstorrent/tenstorrent!${String(driver.index)}`);
    for (const number of Object.keys(driver.hwmon)) {
      this.remove(`class/hwmon/hwmon${number}`);
      this.remove(`${directory}/hwmon/hwmon${number}`);
    }
    this.remove(`${directory}/tenstorrent`);
    this.remove(`${directory}/driver`);
    this.remove(`bus/pci/drivers/tenstorrent/${address}`);
  }

  #driver(address: string, directory: string, { index, attributes, hwmon }: DriverTree): void {
    const name = `tenstorrent!${String(index)}`;
    this.link(`${directory}/driver`, '../../../../bus/pci/drivers/tenstorrent');
    this.link(`bus/pci/drivers/tenstorrent/${address}`, `../../../../${directory}`);
    this.#files(`${directory}/tenstorrent/${name}`, { dev: `236:${String(index)}`, ...attributes });
    this.link(`${directory}/tenstorrent/${name}/device`, `../../../${address}`);
    this.link(`class/tenstorrent/${name}`, `../../${directory}/tenstorrent/${name}`);
    for (const [number, files] of Object.entries(hwmon)) {
      this.#files(`${directory}/hwmon/hwmon${number}`, files);
      this.link(`class/hwmon/hwmon${number}`, `../../${directory}/hwmon/hwmon${number}`);
    }
  }

  #files(directory: string, files: Files): void {
    mkdirSync(join(this.root, directory), { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      if (text !== undefined) this.write(`${directory}/${name}`, text);
    }
  }
}

const FLIT_FILES = [
  'mst_rd_data_word_received',
  'mst_posted_wr_data_word_sent',
  'mst_nonposted_wr_data_word_sent',
  'slv_rd_data_word_sent',
  'slv_posted_wr_data_word_received',
  'slv_nonposted_wr_data_word_received',
] as const;

/** The twelve flit counters, each with the same text. */
export function flitFiles(text: string): Files {
  const names = FLIT_FILES.flatMap((name) => [`${name}0`, `${name}1`]);
  return Object.fromEntries(names.map((name) => [`pcie_perf_counters/${name}`, text]));
}

const LINK_GEN4 = {
  current_link_speed: '16.0 GT/s PCIe',
  current_link_width: '16',
  max_link_speed: '16.0 GT/s PCIe',
  max_link_width: '16',
};
const LINK_GEN5 = { ...LINK_GEN4, current_link_speed: '32.0 GT/s PCIe', max_link_speed: '32.0 GT/s PCIe' };

export const N150_PCI: Files = { device: '0x401e', subsystem_device: '0x0018', numa_node: '0', ...LINK_GEN4 };
export const P150A_PCI: Files = { device: '0xb140', subsystem_device: '0x0040', numa_node: '1', ...LINK_GEN5 };

export const N150_ATTRIBUTES: Files = {
  tt_aiclk: '500',
  tt_axiclk: '900',
  tt_arcclk: '540',
  tt_card_type: 'n150',
  tt_serial: '010001861180B479',
  tt_asic_id: '0123456789ABCDEF',
  tt_fw_bundle_ver: '18.12.1.0',
  tt_arc_fw_ver: '2.37.0.0',
  tt_eth_fw_ver: '7.2.0',
  tt_m3bl_fw_ver: '129.2.0.0',
  tt_m3app_fw_ver: '5.12.0.0',
  tt_ttflash_ver: '3.4.0.0',
  tt_heartbeat: '184467',
};
export const N150_HWMON: Files = {
  name: 'wormhole',
  temp1_label: 'asic1_temp',
  temp1_input: '41187',
  temp1_max: '75000',
  in0_label: 'vcore1',
  in0_input: '795',
  in0_max: '950',
  curr1_label: 'current1',
  curr1_input: '15000',
  curr1_max: '240000',
  power1_label: 'power1',
  power1_input: '12000000',
  power1_max: '100000000',
};
export const P150A_ATTRIBUTES: Files = {
  tt_aiclk: '800',
  tt_axiclk: '960',
  tt_arcclk: '800',
  tt_card_type: 'p150a',
  tt_serial: '0000040131924062',
  tt_asic_id: 'A1B2C3D4E5F60718',
  tt_fw_bundle_ver: '19.10.0.0',
  tt_m3app_fw_ver: '0.22.0.0',
  tt_heartbeat: '902144',
  tt_therm_trip_count: '0',
};
export const P150A_HWMON: Files = {
  name: 'blackhole',
  temp1_label: 'asic_temp',
  temp1_input: '54000',
  temp1_max: '90000',
  in0_label: 'vcore',
  in0_input: '742',
  in0_max: '900',
  curr1_label: 'current',
  curr1_input: '41000',
  curr1_max: '200000',
  power1_label: 'power',
  power1_input: '30000000',
  power1_max: '150000000',
  fan1_label: 'fan_rpm',
  fan1_input: '2068',
};

interface Changes {
  readonly address?: string;
  readonly index?: number;
  readonly pci?: Files;
  readonly attributes?: Files;
  readonly hwmon?: Files;
}

/** An idle n150 under driver 2.10, with changes. */
export function n150({ address = '0000:01:00.0', index = 0, pci, attributes, hwmon }: Changes = {}): CardTree {
  return {
    address,
    pci: { ...N150_PCI, ...pci },
    driver: {
      index,
      attributes: { ...N150_ATTRIBUTES, ...attributes },
      hwmon: { [index + 3]: { ...N150_HWMON, ...hwmon } },
    },
  };
}

/** An idle p150a under driver 2.10, with changes. */
export function p150a({ address = '0000:c1:00.0', index = 0, pci, attributes, hwmon }: Changes = {}): CardTree {
  return {
    address,
    pci: { ...P150A_PCI, ...pci },
    driver: {
      index,
      attributes: { ...P150A_ATTRIBUTES, ...attributes },
      hwmon: { [index + 3]: { ...P150A_HWMON, ...hwmon } },
    },
  };
}
