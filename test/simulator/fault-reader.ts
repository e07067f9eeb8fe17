/** Reads the file that is named in every way that Node has, each time it is asked, in the main thread or in a worker. */
import fs, { readFileSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const [path = '', thread] = isMainThread ? process.argv.slice(2) : (workerData as string[]);
const promisified = promisify(fs.read);

async function tell(read: () => string | Promise<string>): Promise<string> {
  try {
    return (await read()).trimEnd();
  } catch (error) {
    const { code, errno } = error as NodeJS.ErrnoException;
    return `${code ?? 'no code'} ${errno ?? 'no errno'}`;
  }
}

if (isMainThread && thread === 'worker') {
  const worker = new Worker(new URL(import.meta.url), { workerData: [path] });
  process.on('message', (message) => {
    worker.postMessage(message);
  });
  worker.on('message', (answers) => process.send?.(answers));
} else {
  await serve();
}

async function serve(): Promise<void> {
  const fd = fs.openSync(path, 'r');
  const handle = await open(path, 'r');
  const bytes = Buffer.alloc(64);
  const text = (count: number): string => bytes.toString('utf8', 0, count);
  const ways: Record<string, () => string | Promise<string>> = {
    'readSync, kept descriptor': () => text(fs.readSync(fd, bytes, 0, 64, 0)),
    'read, kept descriptor': () =>
      new Promise((resolve, reject) => {
        fs.read(fd, bytes, 0, 64, 0, (error, count) => {
          if (error === null) resolve(text(count));
          else reject(error);
        });
      }),
    'promisified read, kept descriptor': async () => text((await promisified(fd, bytes, 0, 64, 0)).bytesRead),
    readFileSync: () => fs.readFileSync(path, 'utf8'),
    readFile: () => promisify(fs.readFile)(path, 'utf8'),
    'promises.readFile': () => readFile(path, 'utf8'),
    'FileHandle.read, kept handle': async () => text((await handle.read(bytes, 0, 64, 0)).bytesRead),
    'FileHandle.readFile': async () => {
      await using opened = await open(path, 'r');
      return await opened.readFile('utf8');
    },
    'named import of readFileSync': () => readFileSync(path, 'utf8'),
  };
  const answer = async (asked: readonly string[]): Promise<void> => {
    const answers: Record<string, string> = {};
    for (const [way, read] of Object.entries(ways)) {
      if (asked.includes(way)) answers[way] = await tell(read);
    }
    send(answers);
  };
  const port = parentPort ?? process;
  port.on('message', (asked: readonly string[]) => void answer(asked));
  send({});
}

function send(answers: Record<string, string>): void {
  if (parentPort === null) process.send?.(answers);
  else parentPort.postMessage(answers);
}
