/** An alert that fires, from the first to after the last evaluation at which it does; in seconds. */
export interface Firing {
  readonly from: number;
  readonly until: number;
}

/**
 * When an alert fires whose expression has a value at `active` (times of evaluations, rising, `step` apart, up to `end`):
 * once it has been active for `forSeconds`, and until it has not been for `keepFiringForSeconds`. As Prometheus's
 * AlertingRule.Eval does it.
 */
export function firings(
  active: readonly number[],
  evaluation: { readonly step: number; readonly end: number },
  { forSeconds, keepFiringForSeconds }: { readonly forSeconds: number; readonly keepFiringForSeconds: number },
): Firing[] {
  const found: Firing[] = [];
  let activeSince: number | undefined;
  let firingSince: number | undefined;
  let index = 0;
  let lastActive = -Infinity;
  for (let time = active[0] ?? Infinity; time <= evaluation.end; time += evaluation.step) {
    while ((active[index] ?? Infinity) < time) index++;
    if (active[index] === time) {
      lastActive = time;
      activeSince ??= time;
      if (time - activeSince >= forSeconds) firingSince ??= time;
      continue;
    }
    // It is kept firing from the first evaluation without it on.
    if (firingSince !== undefined && time - (lastActive + evaluation.step) < keepFiringForSeconds) continue;
    if (firingSince !== undefined) found.push({ from: firingSince, until: time });
    activeSince = firingSince = undefined;
    // Nothing happens before it is active again.
    const next = active[index];
    if (next === undefined) break;
    time = next - evaluation.step;
  }
  if (firingSince !== undefined) found.push({ from: firingSince, until: evaluation.end + evaluation.step });
  return found;
}
