/** No grid of Tensix cores is wider or higher: Blackhole's has 17 by 12 places. */
const SIDE = 32;
const COORDINATE_BITS = 5;

/** A rectangle of cores in one i32, both corners included; undefined where it is none or no chip has such cores. */
export function packCores(firstX: number, firstY: number, lastX: number, lastY: number): number | undefined {
  if (firstX > lastX || firstY > lastY || lastX >= SIDE || lastY >= SIDE) return undefined;
  return (((((lastY << COORDINATE_BITS) | lastX) << COORDINATE_BITS) | firstY) << COORDINATE_BITS) | firstX;
}

export interface CoreBytes {
  readonly x: number;
  readonly y: number;
  readonly bytes: number;
}

/** Bytes of circular buffers on each core. */
export class CoreSums {
  readonly #bytes = new Float64Array(SIDE * SIDE);

  /** Adds to each core of the rectangle; `bytes` below 0 takes away what was added before. */
  add(cores: number, bytes: number): void {
    const lastX = coordinate(cores, 2);
    const lastY = coordinate(cores, 3);
    for (let y = coordinate(cores, 1); y <= lastY; y++) {
      for (let x = coordinate(cores, 0); x <= lastX; x++) {
        this.#bytes[y * SIDE + x] = (this.#bytes[y * SIDE + x] ?? 0) + bytes;
      }
    }
  }

  /** The cores that have any. */
  inUse(): CoreBytes[] {
    const cores: CoreBytes[] = [];
    for (let at = 0; at < SIDE * SIDE; at++) {
      const bytes = this.#bytes[at] ?? 0;
      if (bytes > 0) cores.push({ x: at % SIDE, y: Math.floor(at / SIDE), bytes });
    }
    return cores;
  }
}

function coordinate(cores: number, place: number): number {
  return (cores >> (place * COORDINATE_BITS)) & (SIDE - 1);
}
