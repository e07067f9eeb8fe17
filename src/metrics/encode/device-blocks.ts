import type { PageBlock, PlacedBlock } from '../../gzip/page-block.ts';
import type { DeviceSnapshot } from '../../snapshot/snapshot.ts';
import type { DevicePart } from '../family.ts';
import { FEW_SAMPLES } from './block-writer.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { LineWriter } from './line-writer.ts';

/** Samples of devices that follow one another, up to the one that makes it large enough. */
interface DeviceBlock {
  readonly devices: readonly { readonly source: object | undefined; readonly label: string }[];
  readonly samples: number;
  /** As they stand in a page; undefined until they are met unchanged, so that what always changes costs nothing more. */
  drawn: PageBlock | undefined;
}

/**
 * Draws a family whose devices are each made of one object, and copies those for which it is the same object as in the page
 * before: their samples are not even looked at.
 */
export class DeviceBlocks {
  private known: readonly DeviceBlock[] = [];

  /** `place` is told of the blocks that are known from the page before, in order. */
  draw(
    devices: readonly DeviceSnapshot[],
    part: DevicePart,
    { writer, lines, place }: { writer: ByteWriter; lines: LineWriter; place: (block: PlacedBlock) => void },
  ): void {
    const blocks: DeviceBlock[] = [];
    for (let at = 0; at < devices.length; at += blocks.at(-1)?.devices.length ?? 1) {
      const known = this.knownAt(devices, at, part);
      if (known === undefined) {
        blocks.push(this.drawAnew(devices, at, part, lines));
        continue;
      }
      blocks.push(known);
      const position = lines.beginApart();
      if (known.drawn === undefined) {
        for (const device of devices.slice(at, at + known.devices.length)) part.draw(device, lines);
        known.drawn = writer.take(position);
      } else {
        writer.bytes(known.drawn.bytes);
        lines.skip(known.samples);
      }
      place({ position, block: known.drawn });
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
        known.samples >= FEW_SAMPLES &&
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

  private drawAnew(devices: readonly DeviceSnapshot[], from: number, part: DevicePart, lines: LineWriter): DeviceBlock {
    const drawn: { source: object | undefined; label: string }[] = [];
    const before = lines.samples;
    for (let at = from; at < devices.length; at++) {
      const device = devices[at];
      if (device === undefined || lines.samples - before >= FEW_SAMPLES) break;
      if (at > from && this.knownAt(devices, at, part) !== undefined) break;
      part.draw(device, lines);
      drawn.push({ source: part.source(device), label: device.label });
    }
    return { devices: drawn, samples: lines.samples - before, drawn: undefined };
  }
}
