import { decodeRegion } from './decode.ts';
import type { DecodedRegion, DecodeOptions } from './decode.ts';
import { hashOf } from './fingerprint.ts';
import type { RegionFailure } from './recognise.ts';
import { FUTURE_SECONDS } from './timestamps.ts';

/** What the bytes of a region came to. */
export interface Decoded {
  readonly result: DecodedRegion | RegionFailure;
  readonly hash: string;
}

interface Remembered extends Decoded {
  readonly bytes: Buffer;
  /** The latest of its times, in seconds since the epoch. */
  readonly latest: number;
}

/** Four for each chip of the largest host: a megabyte. */
const MOST_REMEMBERED = 128;

/**
 * Decodes regions, and remembers of each the bytes of the run before: where nobody has written, which is most often, they
 * mean what they meant. Every region is read in every run.
 */
export class DecodedRegions {
  #before = new Map<string, Remembered>();
  #now = new Map<string, Remembered>();

  /** What is not decoded in a run is forgotten in the next. */
  startRun(): void {
    this.#before = this.#now;
    this.#now = new Map();
  }

  /** `key`: of the file. */
  decode(key: string, bytes: Buffer, options: DecodeOptions): Decoded {
    const known = this.#before.get(key) ?? this.#now.get(key);
    if (known?.bytes.equals(bytes) === true && !isFromFuture(known.latest, options)) {
      this.#now.set(key, known);
      return known;
    }
    const decoded = { result: decodeRegion(bytes, options), hash: hashOf(bytes) };
    const latest = latestTime(decoded.result);
    if (latest !== undefined && this.#now.size < MOST_REMEMBERED) {
      this.#now.set(key, { ...decoded, bytes: Buffer.from(bytes), latest });
    }
    return decoded;
  }
}

/** The clock has been set back: the times are to be judged anew. */
function isFromFuture(latest: number, { clock }: DecodeOptions): boolean {
  return latest > clock.epochSeconds + FUTURE_SECONDS;
}

/**
 * The latest time in a region; undefined where its bytes alone do not say what it is: it is in doubt, its times may count
 * from boot (version 1), or one of them was left out, which another time of day might not.
 */
function latestTime(result: Decoded['result']): number | undefined {
  if (!result.ok || result.suspect || result.implausible.length > 0 || result.region.version === 1) return undefined;
  let latest = result.region.lastUpdateSeconds;
  for (const { lastUpdateSeconds } of result.region.slots) {
    if (latest === undefined || lastUpdateSeconds === undefined) return undefined;
    latest = Math.max(latest, lastUpdateSeconds);
  }
  return latest;
}
