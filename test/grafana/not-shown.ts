/** Metrics that no panel and no alert needs, and why. */
export const NOT_SHOWN: ReadonlyMap<string, string> = new Map([]);
