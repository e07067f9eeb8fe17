"""A service manager with a descriptor store, as far as the tests need one: what systemd does for a service with
FileDescriptorStoreMax= that is activated by a socket. Usage: service-manager.py SOCKET_PATH PROGRAM ARGUMENTS...
Commands on stdin, a line each: `restart` (SIGTERM, start again), `kill` (SIGKILL, start again), `store` (how many are held),
`stop`. It answers `ready` for each READY=1."""

import os
import select
import signal
import socket
import sys
import tempfile

path, command = sys.argv[1], sys.argv[2:]
folder = tempfile.mkdtemp()
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind(folder + "/notify")
listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
listener.bind(path)
listener.listen(512)
store = []
# Unbuffered: a line that waits in a buffer of ours is none that select() sees.
commands = open(0, "rb", buffering=0)


def start():
    descriptors = [("connection", listener.fileno())] + store
    # Copies above all others first, so that none is overwritten when they take their places from 3 on.
    copies = [os.dup2(os.dup(fd), 1000 + index) for index, (_, fd) in enumerate(descriptors)]

    def place():
        for index, fd in enumerate(copies):
            os.dup2(fd, 3 + index)
            os.set_inheritable(3 + index, True)
        os.environ.update(
            LISTEN_FDS=str(len(descriptors)),
            LISTEN_FDNAMES=":".join(name for name, _ in descriptors),
            LISTEN_PID=str(os.getpid()),
            NOTIFY_SOCKET=folder + "/notify",
        )
        os.closerange(3 + len(descriptors), 1000 + len(descriptors))
        os.execve(command[0], command, os.environ)

    pid = os.fork()
    if pid == 0:
        place()
    for fd in copies:
        os.close(fd)
    return pid


def receive():
    text, fds, _, _ = socket.recv_fds(notify, 4096, 16)
    fields = dict(line.split("=", 1) for line in text.decode().splitlines())
    name = fields.get("FDNAME", "stored")
    if fields.get("FDSTORE") == "1":
        store.extend((name, fd) for fd in fds)
    if fields.get("FDSTOREREMOVE") == "1":
        for entry in [entry for entry in store if entry[0] == name]:
            store.remove(entry)
            os.close(entry[1])
    if fields.get("READY") == "1":
        print("ready", pid, flush=True)


def drain():
    while select.select([notify], [], [], 0)[0]:
        receive()


pid = start()
while True:
    readable, _, _ = select.select([notify, commands], [], [])
    if notify in readable:
        receive()
        continue
    line = commands.readline().decode().strip()
    if line == "store":
        print("store", len(store), flush=True)
        continue
    os.kill(pid, signal.SIGKILL if line == "kill" else signal.SIGTERM)
    os.waitpid(pid, 0)
    drain()
    if line in ("restart", "kill"):
        pid = start()
        continue
    os.unlink(path)
    os.unlink(folder + "/notify")
    os.rmdir(folder)
    break
