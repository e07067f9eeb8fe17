import type { PageBlock } from '../../gzip/page-block.ts';
import type { DeviceSnapshot } from '../../snapshot/snapshot.ts';
import type { DevicePart } from '../family.ts';
import { FEW_SAMPLES } from './few-samples.ts';
import type { LineWriter } from './line-writer.ts';

/** Samples that may stand in more than one page. */
export interface DrawnOnce {
  readonly count: number;
  /** As they stand in a page; undefined until they are met unchanged, so that what always changes costs nothing more. */
  drawn: PageBlock | undefined;
}

/** What a device's samples are made of. */
interface DrawnDevice {
  readonly source: object | undefined;
  readonly label: string;
}

/** Samples of devices that follow one another, up to the one that makes it large enough. */
interface DeviceBlock extends DrawnOnce {
  readonly devices: readonly DrawnDevice[];
}

/**
 * Draws a family whose devices are each made of one object, and copies those for which it is the same object as in the page
 * before: their samples are not even looked at.
 */
export class DeviceBlocks {
  private known: readonly DeviceBlock[] = [];

  /** `place` is given the blocks that are known from the page before, in order, and what draws each where it has to be. */
  draw(
    devices: readonly DeviceSnapshot[],
    part: DevicePart,
    lines: LineWriter,
    place: (known: DrawnOnce, draw: () => void) => void,
  ): void {
    const blocks: DeviceBlock[] = [];
    let at = 0;
    while (at < devices.length) {
      const known = this.knownAt(devices, at, part);
      const block = known ?? this.drawAnew(devices, at, part, lines);
      const end = at + block.devices.length;
      if (known !== undefined) {
        const its = devices.slice(at, end);
        place(known, () => {
          for (const device of its) part.draw(device, lines);
        });
      }
      blocks.push(block);
      at = end;
    }
    this.known = blocks;
  }

  /** The block of the page before that these devices would be, from `at` on. */
  private knownAt(devices: readonly DeviceSnapshot[], at: number, part: DevicePart): DeviceBlock | undefined {
    const first = devices[at];
    if (first === undefined) return undefined;
    const source = part.source(first);
    const block = this.known.find(
      (known) =>
        known.count >= FEW_SAMPLES &&
        known.devices[0]?.source === source &&
        known.devices[0]?.label === first.label &&
        at + known.devices.length <= devices.length,
    );
    const isSame = block?.devices.every((known, index) => {
      const device = devices[at + index];
      return device !== undefined && known.label === device.label && known.source === part.source(device);
    });
    return isSame === true ? block : undefined;
  }

  /** At least one device, and others up to one of which a block is known. */
  private drawAnew(devices: readonly DeviceSnapshot[], from: number, part: DevicePart, lines: LineWriter): DeviceBlock {
    const drawn: DrawnDevice[] = [];
    const before = lines.samples;
    for (let at = from; at < devices.length; at++) {
      const device = devices[at];
      if (device === undefined || lines.samples - before >= FEW_SAMPLES) break;
      if (at > from && this.knownAt(devices, at, part) !== undefined) break;
      part.draw(device, lines);
      drawn.push({ source: part.source(device), label: device.label });
    }
    return { devices: drawn, count: lines.samples - before, drawn: undefined };
  }
}
