import type { FileResult, LaneReader, LaneRun } from '../../src/io/lanes.ts';

/**
 * Reads the files of the cards once, and everything else each time: the cards' sensors are no part of the game, and would
 * be most of what is read.
 */
export function stillCards(lanes: LaneReader): LaneReader {
  const ofCards = new Map<string, readonly FileResult[]>();
  return {
    read(wanted, signal): LaneRun {
      const run = lanes.read(
        wanted.filter(({ key }) => !ofCards.has(key)),
        signal,
      );
      return {
        ...run,
        results: () => {
          const results = new Map(run.results());
          for (const [key, files] of results) if (key.startsWith('sysfs/')) ofCards.set(key, files);
          for (const { key } of wanted) {
            const known = ofCards.get(key);
            if (known !== undefined) results.set(key, known);
          }
          return results;
        },
      };
    },
    close: () => lanes.close(),
  };
}
