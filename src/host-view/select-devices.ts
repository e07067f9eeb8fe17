import type { HostView } from './types.ts';

/** The view of some chips only: processes that are on none of them are left out. No names: the view as it is. */
export function selectDevices(view: HostView, devices: readonly string[]): HostView {
  if (devices.length === 0) return view;
  const wanted = new Set(devices);
  return {
    ...view,
    chips: view.chips.filter(({ device }) => wanted.has(device)),
    processes: view.processes.flatMap((process) => {
      const chips = process.chips.filter(({ device }) => wanted.has(device));
      return chips.length === 0 ? [] : [{ ...process, chips }];
    }),
  };
}

/** Names among these that no chip of the view has. */
export function unknownDevices(view: HostView, devices: readonly string[]): string[] {
  const known = new Set(view.chips.map(({ device }) => device));
  return devices.filter((device) => !known.has(device));
}
