import type { TrackerSource } from './tracker-source.ts';

/** Trackers beyond the two that exist today. A driver with numbers of its own would be one line here. */
export const TRACKER_SOURCES: readonly TrackerSource[] = [];
