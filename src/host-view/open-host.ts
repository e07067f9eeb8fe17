import { collectorConfig } from '../flags/collector-config.ts';
import type { Settings } from '../flags/table.ts';
import { errorText } from '../log/log.ts';
import { CommandError, EXIT } from '../terminal/exit-status.ts';
import { remoteHost } from './remote-host.ts';
import { selectDevices, unknownDevices } from './select-devices.ts';
import type { HostSource, HostView } from './types.ts';

/** The host that the flags name: this one, or that of another exporter. Rejects with CommandError. */
export async function openHost(settings: Settings): Promise<HostSource> {
  const timeoutMs = settings.readTimeoutSeconds * 1000;
  if (settings.from !== undefined) return remoteHost(settings.from, timeoutMs);
  const { localHost } = await import('./local-host.ts');
  try {
    return await localHost(collectorConfig(settings), timeoutMs);
  } catch (error) {
    throw new CommandError(EXIT.failed, `--capacity.config.file: ${errorText(error).split('\n')[0] ?? ''}`);
  }
}

/** What is to be seen of it now: the chips that the flags name. Rejects with CommandError. */
export async function readHost(source: HostSource, devices: readonly string[]): Promise<HostView> {
  const view = await source.read().catch((error: unknown) => {
    throw new CommandError(EXIT.failed, errorText(error));
  });
  const [missing] = unknownDevices(view, devices);
  if (missing !== undefined) {
    const there =
      view.chips.length === 0 ? 'there is none' : `there is ${view.chips.map(({ device }) => device).join(', ')}`;
    throw new CommandError(EXIT.noChip, `there is no chip ${missing}: ${there}`);
  }
  return selectDevices(view, devices);
}
