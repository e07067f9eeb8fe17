/**
 * Loaded with `node --import` into a program that reads a simulated host: makes reads of the files in the faults file
 * fail (or block) as a driver's do, which no plain file can. The program knows nothing of it. It patches node:fs in
 * every thread; TT_SIMULATOR_FAULTS names the faults file, without it nothing is patched.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { getSystemErrorMessage, getSystemErrorName } from 'node:util';
import { FaultLookup } from './fault-lookup.ts';
import { errnoOf } from './fault-table.ts';
import type { FileFault } from './fault-table.ts';

type Callable = (...parameters: unknown[]) => unknown;
type Callback = (error: Error | null) => void;
type Methods = Record<string, Callable>;

const path = process.env['TT_SIMULATOR_FAULTS'];
if (path !== undefined && path !== '') await patch(new FaultLookup(path));

/** Patches the callers of open and read: synchronous, with a callback, with a promise, and FileHandle's. */
async function patch(lookup: FaultLookup): Promise<void> {
  const methods = fs as unknown as Methods;
  const promises = fs.promises as unknown as Methods;
  const { openSync, open, closeSync, close } = fs;

  const waitSync = (fifo: string): void => {
    closeSync(openSync(fifo, 'r'));
  };
  const wait = (fifo: string, then: () => void): void => {
    open(fifo, 'r', (error, fd) => {
      if (error !== null) then();
      else close(fd, then);
    });
  };
  const failure = (file: unknown, at: 'open' | 'read'): FileFault | undefined => {
    if (typeof file !== 'number' && typeof file !== 'string' && !(file instanceof Buffer) && !(file instanceof URL)) {
      return undefined;
    }
    const fault = lookup.find(file);
    return fault?.at === at ? fault : undefined;
  };

  const failSync = (original: Callable, at: 'open' | 'read'): Callable =>
    function (this: unknown, ...parameters) {
      const fault = failure(parameters[0], at);
      if (fault !== undefined && 'code' in fault) throw errorOf(fault.code, at, parameters[0]);
      if (fault !== undefined) waitSync(fault.block);
      return original.apply(this, parameters);
    };
  const failCallback = (original: Callable, at: 'open' | 'read'): Callable =>
    function (this: unknown, ...parameters) {
      const fault = failure(parameters[0], at);
      const callback = parameters.at(-1) as Callback;
      if (fault === undefined) return original.apply(this, parameters);
      if ('code' in fault) process.nextTick(callback, errorOf(fault.code, at, parameters[0]));
      else wait(fault.block, () => original.apply(this, parameters));
      return undefined;
    };
  const failPromise = (original: Callable, at: 'open' | 'read', fileOf: (self: unknown, first: unknown) => unknown) =>
    async function (this: unknown, ...parameters: unknown[]) {
      const file = fileOf(this, parameters[0]);
      const fault = failure(file, at);
      if (fault !== undefined && 'code' in fault) throw errorOf(fault.code, at, file);
      if (fault !== undefined)
        await new Promise<void>((resolve) => {
          wait(fault.block, resolve);
        });
      return original.apply(this, parameters);
    };
  const replace = (target: Methods, name: string, by: (original: Callable) => Callable): void => {
    const original = target[name];
    if (original === undefined) return;
    // With its properties: util.promisify goes by a symbol on fs.read.
    target[name] = Object.defineProperties(by(original), Object.getOwnPropertyDescriptors(original));
  };

  for (const name of ['readSync', 'readvSync', 'readFileSync']) replace(methods, name, (f) => failSync(f, 'read'));
  for (const name of ['read', 'readv', 'readFile']) replace(methods, name, (f) => failCallback(f, 'read'));
  for (const name of ['openSync', 'readdirSync', 'opendirSync']) replace(methods, name, (f) => failSync(f, 'open'));
  for (const name of ['open', 'readdir', 'opendir']) replace(methods, name, (f) => failCallback(f, 'open'));
  const first = (_: unknown, file: unknown): unknown => file;
  replace(promises, 'readFile', (f) => failPromise(f, 'read', first));
  for (const name of ['open', 'readdir', 'opendir']) replace(promises, name, (f) => failPromise(f, 'open', first));

  const handle = await fs.promises.open('/dev/null');
  const prototype = Object.getPrototypeOf(handle) as Methods;
  await handle.close();
  const descriptor = (self: unknown): unknown => (self as fs.promises.FileHandle).fd;
  for (const name of ['read', 'readv', 'readFile']) replace(prototype, name, (f) => failPromise(f, 'read', descriptor));
  syncBuiltinESMExports();
}

/** As Node makes it of a failed system call. */
function errorOf(code: string, syscall: string, file: unknown): NodeJS.ErrnoException {
  const errno = -errnoOf(code);
  const name = getSystemErrorName(errno);
  const where = typeof file === 'number' ? '' : ` '${String(file)}'`;
  const message = `${name}: ${getSystemErrorMessage(errno)}, ${syscall}${where}`;
  return Object.assign(new Error(message), { errno, code: name, syscall });
}
