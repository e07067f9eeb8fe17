import type { Log } from '../../log/log.ts';
import type { NativeDescriptors } from '../native/descriptors.ts';
import type { InheritedDescriptor } from '../sockets/inherited.ts';
import { KEEPER_VARIABLE } from './keeper-messages.ts';
import { KeeperLink } from './keeper-link.ts';
import { NO_KEEPING, STATE_NAME } from './keeping.ts';
import type { Keeping } from './keeping.ts';
import { ServiceManager } from './service-manager.ts';

/** Who keeps the sockets of this process. What says so is taken out of the environment. */
export function findKeeping(
  env: NodeJS.ProcessEnv,
  inherited: readonly InheritedDescriptor[],
  native: NativeDescriptors | undefined,
  log: Log,
): Keeping {
  const { [KEEPER_VARIABLE]: keeper, NOTIFY_SOCKET: notifySocket } = env;
  Reflect.deleteProperty(env, KEEPER_VARIABLE);
  delete env['NOTIFY_SOCKET'];
  const stateFd = inherited.find(({ name }) => name === STATE_NAME)?.fd;
  if (keeper === String(process.ppid) && process.connected) return new KeeperLink(stateFd);
  if (notifySocket === undefined || notifySocket === '') return NO_KEEPING;
  if (native !== undefined) return new ServiceManager(notifySocket, native, stateFd, log);
  log.warn('the service manager cannot be told that this is ready, nor keep connections: npm run build:native');
  return NO_KEEPING;
}
