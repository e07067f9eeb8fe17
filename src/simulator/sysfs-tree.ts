import { BOARDS } from './boards.ts';
import type { Board } from './boards.ts';
import type { CardPlan } from './card-plan.ts';
import { hexId } from './card-values.ts';
import { FEATURES, atLeast } from './driver.ts';
import { file, folder, link } from './tree.ts';
import type { TreeEntry } from './tree.ts';

/** Major number of /dev/tenstorrent: dynamic on a real host. */
export const MAJOR = 236;

/** The kernel's count of devices, drivers and modules that have come or gone. */
export const DEVICE_EVENTS = 'sys/kernel/uevent_seqnum';

/** Folders of one PCI function, relative to the host's root. */
export interface CardFolders {
  /** `sys/devices/pci0000:c0/0000:c0:01.0` */
  readonly port: string;
  /** The function itself. */
  readonly pci: string;
  /** Of tenstorrent!N. */
  readonly device: string;
  readonly hwmon: readonly string[];
}

/** Each card sits behind a root port of its own, on the host bridge of its bus number's high digit. */
export function cardFolders(plan: CardPlan): CardFolders {
  const [domain = '', bus = ''] = plan.pciAddress.split(':');
  const bridge = `${domain}:${bus.slice(0, 1)}0`;
  const port = `sys/devices/pci${bridge}/${bridge}:0${bus.slice(1)}.0`;
  const pci = `${port}/${plan.pciAddress}`;
  return {
    port,
    pci,
    device: `${pci}/tenstorrent/tenstorrent!${plan.driverIndex ?? ''}`,
    hwmon: plan.hwmon.map((number) => `${pci}/hwmon/hwmon${number}`),
  };
}

/** /sys/module/tenstorrent and what is on any host: a foreign hwmon that a reader must pass over. */
export function hostEntries(driverVersion: string | undefined): TreeEntry[] {
  const foreign = 'sys/devices/pci0000:00/0000:00:18.3/hwmon/hwmon0';
  const entries = [
    file(DEVICE_EVENTS, '4000\n'),
    file(`${foreign}/name`, 'k10temp\n'),
    file(`${foreign}/temp1_input`, '48250\n'),
    link(`${foreign}/device`, '../../../0000:00:18.3'),
    link('sys/class/hwmon/hwmon0', '../../devices/pci0000:00/0000:00:18.3/hwmon/hwmon0'),
  ];
  if (driverVersion === undefined) return entries;
  const parameters = {
    max_devices: '32',
    reset_limit: '10',
    auto_reset_timeout: '10',
    dma_address_bits: '0',
    ...(atLeast(driverVersion, '2.6.0') ? { power_policy: 'Y' } : {}),
    ...(atLeast(driverVersion, '2.9.0') ? { idle_power_down_grace_ms: '5000' } : {}),
  };
  return [
    ...entries,
    file('sys/module/tenstorrent/version', `${driverVersion}\n`),
    file('sys/module/tenstorrent/refcnt', '0\n'),
    ...Object.entries(parameters).map(([name, value]) =>
      file(`sys/module/tenstorrent/parameters/${name}`, `${value}\n`),
    ),
    folder('sys/class/tenstorrent'),
  ];
}

/** The root port above a card. Its link can be slower than the card's own. */
export function portEntries(plan: CardPlan): TreeEntry[] {
  const { port } = cardFolders(plan);
  const board: Board = BOARDS[plan.board];
  const address = port.slice(port.lastIndexOf('/') + 1);
  const text = {
    vendor: '0x1022',
    device: '0x14ab',
    class: '0x060400',
    max_link_speed: board.pci.speed,
    max_link_width: '16',
  };
  return [
    ...Object.entries(text).map(([name, value]) => file(`${port}/${name}`, `${value}\n`)),
    link(`sys/bus/pci/devices/${address}`, `../../../${port.slice('sys/'.length)}`),
  ];
}

/** One PCI function with everything the kernel and the driver show of it. `values` as from initialValues(). */
export function cardEntries(
  plan: CardPlan,
  driverVersion: string | undefined,
  values: ReadonlyMap<string, string>,
): TreeEntry[] {
  const folders = cardFolders(plan);
  const below = folders.pci.slice('sys/'.length);
  const bound = driverVersion !== undefined && plan.driverIndex !== undefined;
  const entries = [
    ...functionEntries(plan, folders.pci, bound),
    link(`sys/bus/pci/devices/${plan.pciAddress}`, `../../../${below}`),
    ...[...values].flatMap(([name, value]) => attributePaths(folders, name).map((path) => file(path, `${value}\n`))),
  ];
  if (!bound) return entries;
  entries.push(link(`sys/bus/pci/drivers/tenstorrent/${plan.pciAddress}`, `../../../../${below}`));
  entries.push(...deviceEntries(plan, plan.driverIndex, driverVersion, values));
  if (values.has('temp1_label')) folders.hwmon.forEach((path) => entries.push(...hwmonEntries(plan, path)));
  return entries;
}

function functionEntries(plan: CardPlan, pci: string, bound: boolean): TreeEntry[] {
  const board: Board = BOARDS[plan.board];
  const id = `1E52:${board.pci.device.slice(2).toUpperCase()}`;
  const subsystem = `1E52:${board.pci.subsystem.slice(2).toUpperCase()}`;
  const lines = ['PCI_CLASS=120000', `PCI_ID=${id}`, `PCI_SUBSYS_ID=${subsystem}`, `PCI_SLOT_NAME=${plan.pciAddress}`];
  if (bound) lines.unshift('DRIVER=tenstorrent');
  const text = {
    vendor: '0x1e52',
    device: board.pci.device,
    subsystem_vendor: '0x1e52',
    subsystem_device: board.pci.subsystem,
    class: '0x120000',
    revision: board.pci.revision,
    numa_node: plan.pciAddress.startsWith('0000:c') ? '1' : '0',
    local_cpulist: '0-15',
    uevent: lines.join('\n'),
  };
  const entries = Object.entries(text).map(([name, value]) => file(`${pci}/${name}`, `${value}\n`));
  entries.push(link(`${pci}/subsystem`, '../../../../bus/pci'));
  if (bound) entries.push(link(`${pci}/driver`, '../../../../bus/pci/drivers/tenstorrent'));
  return entries;
}

function deviceEntries(
  plan: CardPlan,
  index: number,
  driverVersion: string,
  values: ReadonlyMap<string, string>,
): TreeEntry[] {
  const { device } = cardFolders(plan);
  const asicId = values.has('tt_asic_id') ? hexId(plan.asicId) : undefined;
  const entries = [
    file(`${device}/dev`, `${MAJOR}:${index}\n`),
    file(`${device}/uevent`, `MAJOR=${MAJOR}\nMINOR=${index}\nDEVNAME=tenstorrent/${index}\n`),
    link(`${device}/device`, `../../../${plan.pciAddress}`),
    link(`${device}/subsystem`, '../../../../../../class/tenstorrent'),
    folder(`${device}/power`),
    link(`sys/class/tenstorrent/tenstorrent!${index}`, `../../${device.slice('sys/'.length)}`),
    // Stands for a character device, which only root could make and nobody opens.
    file(`dev/tenstorrent/${index}`, ''),
  ];
  if (atLeast(driverVersion, FEATURES.pids)) entries.push(file(`proc/driver/tenstorrent/${index}/pids`, ''));
  if (asicId !== undefined && atLeast(driverVersion, FEATURES.byId)) {
    entries.push(link(`dev/tenstorrent/by-id/${BOARDS[plan.board].arch}-${asicId}`, `../${index}`));
  }
  return entries;
}

function hwmonEntries(plan: CardPlan, path: string): TreeEntry[] {
  const name = path.slice(path.lastIndexOf('/') + 1);
  return [
    file(`${path}/name`, `${BOARDS[plan.board].arch}\n`),
    link(`${path}/device`, `../../../${plan.pciAddress}`),
    link(`${path}/subsystem`, '../../../../../../class/hwmon'),
    folder(`${path}/power`),
    file(`${path}/uevent`, ''),
    link(`sys/class/hwmon/${name}`, `../../${path.slice('sys/'.length)}`),
  ];
}

function isHwmon(attribute: string): boolean {
  return /^(temp1|in0|curr1|power1|fan1)_/.test(attribute);
}

/**
 * Files of an attribute, relative to the host's root: below the PCI function, its device or its hwmon folders (two where
 * the driver registered the card twice).
 */
export function attributePaths(folders: CardFolders, attribute: string): string[] {
  if (isHwmon(attribute)) return folders.hwmon.map((path) => `${path}/${attribute}`);
  const ofDevice = attribute.startsWith('tt_') || attribute.startsWith('pcie_perf_counters/');
  return [`${ofDevice ? folders.device : folders.pci}/${attribute}`];
}

/** Links and folders outside the PCI function's own folder: what goes when the device goes. */
export function outerPaths(plan: CardPlan): string[] {
  const index = plan.driverIndex;
  return [
    `sys/bus/pci/devices/${plan.pciAddress}`,
    `sys/bus/pci/drivers/tenstorrent/${plan.pciAddress}`,
    ...plan.hwmon.map((number) => `sys/class/hwmon/hwmon${number}`),
    ...(index === undefined
      ? []
      : [
          `sys/class/tenstorrent/tenstorrent!${index}`,
          `dev/tenstorrent/${index}`,
          `dev/tenstorrent/by-id/${BOARDS[plan.board].arch}-${hexId(plan.asicId)}`,
          `proc/driver/tenstorrent/${index}`,
        ]),
  ];
}
