import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { test } from 'node:test';
import { startProgram } from '../support/start-exporter.ts';
import { totals } from './support/ask.ts';
import { SERVER_CLI, socketFolder, startServer } from './support/start-server.ts';

/** Runs it until it ends by itself. */
async function runServer(...args: string[]): Promise<{ code: number | null; stderr: string; stdout: string }> {
  const program = startProgram(args, { script: SERVER_CLI });
  await once(program.process, 'close');
  return { code: program.process.exitCode, stderr: program.stderr(), stdout: program.stdout() };
}

test('it does not take the place of a server that answers, and says so', async () => {
  const server = await startServer();
  const second = await runServer(`--socket.path=${server.path}`);
  assert.equal(second.code, 1);
  assert.match(second.stderr, /^[^\n]*level=error msg="cannot start" error="another server answers at [^\n]*\n$/);
  assert.equal((await totals(server.path)).dram, 0);
  assert.equal(await server.stop(), 0);
});

test('a socket whose server is gone is replaced, a file that is no socket is not', async () => {
  const first = await startServer();
  first.process.kill('SIGKILL');
  await first.ended;
  assert.ok(existsSync(first.path));
  const second = startProgram([`--socket.path=${first.path}`], { script: SERVER_CLI });
  await second.waitForLine(/listening/);
  assert.equal((await totals(first.path)).dram, 0);
  await second.stop();
  assert.equal(existsSync(first.path), false);
  writeFileSync(first.path, 'mine');
  const third = await runServer(`--socket.path=${first.path}`);
  assert.equal(third.code, 1);
  assert.match(third.stderr, /is there and is no socket/);
  rmSync(first.path);
  await first.stop();
});

test('mode and group of the socket are those of the flags', async () => {
  const server = await startServer(['--socket.mode=0620', '--socket.group=tty']);
  const { mode, gid } = statSync(server.path);
  assert.deepEqual({ mode: mode & 0o777, gid }, { mode: 0o620, gid: 5 });
  await server.stop();
  const open = await startServer();
  assert.equal(statSync(open.path).mode & 0o777, 0o666);
  await open.stop();
  const wrong = await runServer('--socket.path=/tmp/tt-no-such-group.sock', '--socket.group=no-such-group');
  assert.equal(wrong.code, 1);
  assert.match(wrong.stderr, /there is no group/);
  assert.equal(existsSync('/tmp/tt-no-such-group.sock'), false);
});

test("at its end it removes its own socket only, and another's stays", async () => {
  const server = await startServer();
  const other = createServer();
  await once(other.listen(`${server.path}.other`), 'listening');
  renameSync(`${server.path}.other`, server.path);
  await server.waitForLine(/the socket has been taken away/);
  const askedAt = performance.now();
  server.process.kill('SIGTERM');
  assert.deepEqual(await server.ended, { code: 0, signal: null });
  assert.ok(performance.now() - askedAt < 1500);
  assert.ok(statSync(server.path).isSocket());
  other.close();
  await server.stop();
});

/** Makes a listening socket for each path, as a service manager does, and becomes the program that is given. */
const ACTIVATE = `
import os, socket, sys
paths = sys.argv[1].split(":")
for index, path in enumerate(paths):
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(path)
    listener.listen(16)
    os.dup2(listener.detach(), 3 + index)
    os.set_inheritable(3 + index, True)
os.environ.update(LISTEN_FDS=str(len(paths)), LISTEN_PID=str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
`;

test('it listens on every socket that a service manager hands over, and leaves them there', async () => {
  const { folder, path } = await socketFolder();
  const paths = [path, `${folder}/second.sock`];
  const args = ['-c', ACTIVATE, paths.join(':'), process.execPath, SERVER_CLI, '--path.sysfs=/none'];
  const child = spawn('python3', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  await once(child.stderr, 'data');
  const answers = await Promise.all(paths.map((each) => totals(each)));
  assert.deepEqual(
    answers.map(({ dram }) => dram),
    [0, 0],
  );
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
  assert.ok(paths.every((each) => existsSync(each)));
  await rm(folder, { recursive: true });
});

test('help, version, and a wrong flag', async () => {
  const help = await runServer('--help');
  assert.match(help.stdout, /^usage: tt-allocation-server \[flags\]\n/);
  assert.match(help.stdout, /--socket\.path=PATH/);
  assert.match((await runServer('--version')).stdout, /^tt-allocation-server, version \d/);
  const wrong = await runServer('--socket.paht=/x');
  assert.deepEqual(
    [wrong.code, wrong.stderr],
    [1, 'tt-allocation-server: unknown flag --socket.paht: did you mean --socket.path? See --help\n'],
  );
  assert.equal((await runServer('--socket.mode=rw')).code, 1);
});

test('a folder that is not there is an error with the path in it', async () => {
  const { folder } = await socketFolder();
  const { code, stderr } = await runServer(`--socket.path=${folder}/none/server.sock`);
  assert.equal(code, 1);
  assert.match(stderr, /cannot listen at \S+none\/server\.sock: EACCES; is its folder there/);
  await rm(folder, { recursive: true });
});
