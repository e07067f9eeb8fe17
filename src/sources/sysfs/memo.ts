const LIMIT = 64;

/**
 * A pure function of text that keeps its last few results: files whose text is long and seldom changes. The results are
 * shared, so they must not be changed.
 */
export function memo<T>(compute: (text: string) => T): (text: string) => T {
  const results = new Map<string, T>();
  return (text) => {
    const known = results.get(text);
    if (known !== undefined) return known;
    const result = compute(text);
    if (results.size >= LIMIT) results.clear();
    results.set(text, result);
    return result;
  };
}
