"""Does with the client what lines on stdin say: see ../driver.ts. Arguments: socket, frame bytes, extension, max queued."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict

from tt_alloc_client import BufferType, Cores, KernelKind, connect


def main() -> None:
    path, frame, extension, queued = sys.argv[1:]
    client = connect(path, frame_bytes=int(frame), extension=extension == "1", max_queued=int(queued))
    milliseconds = 2000.0

    def allocs(device: int, first: int, count: int, size: int) -> None:
        for i in range(count):
            client.allocated(device, first + i, size, BufferType.DRAM)

    def frees(device: int, first: int, count: int) -> None:
        for i in range(count):
            client.freed(device, first + i)

    calls = {
        "alloc": lambda d, i, size, kind: client.allocated(d, i, size, BufferType(kind)),
        "free": client.freed,
        "cb": client.circular_buffer_allocated,
        "cores": lambda d, i, size, *cores: client.circular_buffer_allocated(d, i, size, Cores(*cores)),
        "cbfree": client.circular_buffer_freed,
        "load": lambda d, i, size, kind: client.kernel_loaded(d, i, size, KernelKind(kind)),
        "unload": client.kernel_unloaded,
        "stats": lambda d, kind, a, b, c, e: client.allocator_statistics(
            d, BufferType(kind), allocatable=a, allocated=b, free=c, largest_free_block=e
        ),
        "failed": lambda d, kind, size, largest: client.allocation_failed(d, BufferType(kind), size, largest),
        "allocs": allocs,
        "frees": frees,
    }
    for line in sys.stdin:
        word, *rest = line.split()
        if word == "counts":
            counts = asdict(client.counts())
            counts["unknownFrees"] = counts.pop("unknown_frees")
            print(json.dumps({"enabled": client.enabled, **counts}), flush=True)
        elif word == "close":
            milliseconds = float(rest[0])
            break
        elif word == "fork":
            child = os.fork()
            if child == 0:
                client.allocated(0, 0xF0, 15, BufferType.DRAM)
                client.close(2)
                os._exit(0)
            print(json.dumps({"child": child, "status": os.waitpid(child, 0)[1]}), flush=True)
        else:
            calls[word](*(int(text, 0) for text in rest))
    client.close(milliseconds / 1000)


main()
