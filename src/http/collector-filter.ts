/** What a client asked for in `?collect[]=` and `?exclude[]=`, or why it cannot have it. */
export type CollectorFilter =
  | { readonly ok: true; readonly collectors: readonly string[] | undefined }
  | { readonly ok: false; readonly message: string };

/** `url`: of the request, with its query. `known`: collectors that there are; `enabled`: those that are not switched off. */
export function parseCollectorFilter(
  url: string,
  known: readonly string[],
  enabled: readonly string[],
): CollectorFilter {
  const mark = url.indexOf('?');
  if (mark === -1) return { ok: true, collectors: undefined };
  const query = new URLSearchParams(url.slice(mark + 1));
  const collect = query.getAll('collect[]');
  const exclude = query.getAll('exclude[]');
  if (collect.length === 0 && exclude.length === 0) return { ok: true, collectors: undefined };
  if (collect.length > 0 && exclude.length > 0) {
    return refused('collect[] and exclude[] cannot be combined: give one of them');
  }
  const named = new Set([...collect, ...exclude]);
  for (const name of named) {
    if (!known.includes(name))
      return refused(`unknown collector "${name.slice(0, 64)}": there are ${known.join(', ')}`);
    if (!enabled.includes(name)) return refused(`the collector ${name} is switched off on this exporter`);
  }
  return { ok: true, collectors: enabled.filter((name) => named.has(name) === collect.length > 0) };
}

function refused(message: string): CollectorFilter {
  return { ok: false, message };
}
