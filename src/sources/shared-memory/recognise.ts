import {
  HEADER,
  INIT_IN_PROGRESS,
  INIT_NONE,
  INIT_READY,
  INIT_STATE,
  KERNEL_LAYOUT,
  KERNEL_SIZE,
  LARGEST_SIZE,
  PADDED_KERNEL_SIZE,
  PADDED_PLAIN_SIZE,
  PLAIN_LAYOUT,
  PLAIN_SIZE,
} from './layout.ts';
import type { RegionLayout } from './layout.ts';
import type { Region } from './types.ts';

/** Why the bytes of a region are not used. */
export interface RegionFailure {
  readonly ok: false;
  readonly status: 'unsupported' | 'initializing';
  readonly problem: string;
  /** Another read may find it in order. */
  readonly suspect: boolean;
}

/** What lies in a region, told by its version and size. */
export interface Recognised {
  readonly ok: true;
  readonly version: Region['version'];
  readonly layout: RegionLayout;
  /** Version 1, with a size that a kernel layout has too once a later writer has cut it: only its sums can tell. */
  readonly maybeCut: boolean;
}

/** Tells the layout of a region, or why it has none that can be read. */
export function recognise(view: DataView): Recognised | RegionFailure {
  const size = view.byteLength;
  const version = size < 4 ? 0 : view.getUint32(HEADER.version, true);
  switch (version) {
    case 0:
      if (size > LARGEST_SIZE) return wrongSize(size, 'no version');
      return initializing(`${size} bytes without a version`);
    case 1:
      return recogniseFirstVersion(size);
    case 2:
    case 3:
    case 4:
      return recogniseLaterVersion(version, view);
    default:
      return unsupported(`layout version ${version}: only 1 to 4 are known; a newer exporter may read it`);
  }
}

function recogniseFirstVersion(size: number): Recognised | RegionFailure {
  if (size < PLAIN_SIZE) return initializing(`${size} bytes of version 1`);
  switch (size) {
    case PLAIN_SIZE:
      return { ok: true, version: 1, layout: PLAIN_LAYOUT, maybeCut: true };
    case PADDED_PLAIN_SIZE:
      return { ok: true, version: 1, layout: PLAIN_LAYOUT, maybeCut: false };
    case KERNEL_SIZE:
    case PADDED_KERNEL_SIZE:
      return { ok: true, version: 1, layout: KERNEL_LAYOUT, maybeCut: false };
    default:
      return wrongSize(size, 'version 1');
  }
}

function recogniseLaterVersion(version: 2 | 3 | 4, view: DataView): Recognised | RegionFailure {
  const size = view.byteLength;
  if (size < PLAIN_SIZE) return initializing(`${size} bytes of version ${version}`);
  if (size !== PLAIN_SIZE) return wrongSize(size, `version ${version}`);
  if (version !== 4) return { ok: true, version, layout: PLAIN_LAYOUT, maybeCut: false };
  const state = view.getUint32(INIT_STATE, true);
  switch (state) {
    case INIT_READY:
      return { ok: true, version, layout: PLAIN_LAYOUT, maybeCut: false };
    case INIT_NONE:
    case INIT_IN_PROGRESS:
      return initializing(`init_state ${state}`);
    default:
      return unsupported(`init_state 0x${state.toString(16)} of version 4 is not a known one`);
  }
}

function initializing(found: string): RegionFailure {
  const problem =
    `${found}: no writer has finished filling it. If it stays so, the writer died doing it: ` +
    'remove the file once no TT-Metal process runs on the chip';
  return { ok: false, status: 'initializing', problem, suspect: false };
}

function wrongSize(size: number, what: string): RegionFailure {
  const bytes = size > LARGEST_SIZE ? `more than ${LARGEST_SIZE}` : size;
  return unsupported(`${what} with ${bytes} bytes: no known layout has that size, so none of it is used`);
}

function unsupported(problem: string): RegionFailure {
  return { ok: false, status: 'unsupported', problem, suspect: false };
}
