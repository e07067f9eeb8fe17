"""An application and monitor of an allocation server, written from the protocol's tables alone. Arguments: socket, dialect, seed.

Obeys lines on stdin and answers each with a line of JSON: `run <n>` does n random things and says what is live then, by
device: [dram, l1, l1_small, trace, cb, kernel]; `query <device>` and `info <device>` give the answer's bytes in hex;
`churn` goes on until it is killed.
"""

import json
import os
import random
import socket
import struct
import sys
import time

SIZES = {"A": 72, "B": 112, "C": 144}
DEVICES = 4
# Where a buffer type is in a RESPONSE: SYSTEM_MEMORY is shown as L1_SMALL.
SHOWN = {0: 0, 1: 1, 2: 2, 3: 2, 4: 3}


class TableClient:
    def __init__(self, path, dialect, seed):
        self.frame = SIZES[dialect]
        self.dialect = dialect
        self.path = path
        self.random = random.Random(seed)
        self.live = []  # (kind, device, id, size, type), a further reference as often as there are
        self.socket = self.connect()

    def connect(self):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(self.path)
        return connection

    def message(self, kind, device, size=0, buffer_type=0, process=0, buffer=0, stamp=0):
        header = struct.pack("<BxxxiQBxxxiQQ", kind, device, size, buffer_type, process, buffer, stamp)
        return header + bytes(self.frame - len(header))

    def report(self, *fields):
        return self.message(*fields[:4], os.getpid(), *fields[4:])

    def something(self):
        roll = self.random.random()
        if self.live and roll < 0.48:
            return self.free(self.live.pop(self.random.randrange(len(self.live))))
        device, size, now = self.random.randrange(DEVICES), self.random.randrange(1, 1 << 28), time.time_ns()
        if self.dialect == "C" and roll > 0.9:
            kind = 8 if roll > 0.95 else 10
            number = self.random.randrange(1 << 40)
            self.live.append((kind, device, number, size, 0))
            return self.report(kind, device, size, 0, number, now)
        if self.live and roll > 0.85:
            kind, device, number, size, buffer_type = self.random.choice(self.live)
            if kind == 1:
                self.live.append((kind, device, number, size, buffer_type))
                return self.report(1, device, size, buffer_type, number, now)
        # Other clients have the same addresses; of this one each names one buffer.
        number = len(self.live) * 4096 + self.random.randrange(4096)
        buffer_type = self.random.randrange(5)
        if any(entry[1] == device and entry[2] == number for entry in self.live):
            return b""
        self.live.append((1, device, number, size, buffer_type))
        return self.report(1, device, size, buffer_type, number, now)

    def free(self, entry):
        kind, device, number, size, _ = entry
        return self.report(kind + 1, device, 0 if kind == 1 else size, 0, number)

    def run(self, count):
        while count > 0:
            batch = b"".join(self.something() for _ in range(min(count, 64)))
            # Cut anywhere, as a stream may be, but for what tells the dialect: the first frame comes whole.
            cut = self.random.randrange(self.frame, len(batch)) if len(batch) > self.frame else len(batch)
            self.socket.sendall(batch[:cut])
            self.socket.sendall(batch[cut:])
            count -= 64

    def totals(self):
        totals = [[0] * 6 for _ in range(DEVICES)]
        for kind, device, _, size, buffer_type in {entry[:3]: entry for entry in self.live}.values():
            place = {8: 4, 10: 5}.get(kind, SHOWN[buffer_type])
            totals[device][place] += size
        return totals

    def ask(self, kind, device):
        with self.connect() as connection:
            connection.sendall(self.message(kind, device))
            connection.shutdown(socket.SHUT_WR)
            answer = b""
            while piece := connection.recv(4096):
                answer += piece
        return answer.hex()


def main():
    path, dialect, seed = sys.argv[1:]
    client = TableClient(path, dialect, int(seed))
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "run":
            client.run(int(rest[0]))
            print(json.dumps(client.totals()), flush=True)
        elif word == "query":
            print(json.dumps(client.ask(3, int(rest[0]))), flush=True)
        elif word == "info":
            print(json.dumps(client.ask(6, int(rest[0]))), flush=True)
        elif word == "churn":
            print("0", flush=True)
            while True:
                client.run(640)


main()
