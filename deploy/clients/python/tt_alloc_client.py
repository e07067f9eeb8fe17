"""Reports an application's device memory on Tenstorrent chips to an allocation server.

    client = tt_alloc_client.connect()
    client.allocated(device=0, buffer_id=0x20000, size=1 << 20, buffer_type=BufferType.DRAM)
    client.freed(device=0, buffer_id=0x20000)

Python 3.8 or later and nothing else. Without TT_ALLOC_TRACKING_ENABLED=1 every call returns at once. No call waits for
the server and none raises for want of one: a thread sends. Reports wait one by one as long as there are few
(max_queued); from then on, and while there is no server, only the difference is kept between what the server knows and
what is live, so that a server that stood still, or comes back and knows nothing, is made right.

Messages: 72, 112 or 144 bytes, little-endian, always whole; after fork() the child reports for itself, over a
connection of its own.
"""

from __future__ import annotations

import enum
import os
import selectors
import socket
import struct
import threading
import time
import weakref
from collections import OrderedDict, deque
from dataclasses import dataclass
from typing import Deque, Dict, List, NamedTuple, Optional, Tuple

DEFAULT_SOCKET = "/tmp/tt_allocation_server.sock"

# What one write takes at most: the kernel takes that much whole or not at all, so that no frame is cut.
_MAX_BATCH_BYTES = 4096
_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 5.0

# type, 3 pad, device_id, size, buffer_type, 3 pad, process_id, buffer_id, timestamp
_HEADER = struct.Struct("<B3xiQB3xiQQ")
_CORES = struct.Struct("<4HQ")
_STATISTICS = struct.Struct("<4Q")
_FAILURE = struct.Struct("<Q")

_ALLOC, _FREE = 1, 2
_CB_ALLOC, _CB_FREE, _KERNEL_LOAD, _KERNEL_UNLOAD = 8, 9, 10, 11
_CB_ALLOC_CORES, _ALLOCATOR_STATS, _ALLOC_FAILED = 66, 67, 68


class BufferType(enum.IntEnum):
    """As in TT-Metal. SYSTEM_MEMORY is host memory that is pinned for the device."""

    DRAM = 0
    L1 = 1
    SYSTEM_MEMORY = 2
    L1_SMALL = 3
    TRACE = 4


class KernelKind(enum.IntEnum):
    APPLICATION = 0
    FABRIC = 1
    DISPATCH = 2


class Cores(NamedTuple):
    """Where a circular buffer is, in logical coordinates, both corners included, and its bytes on each core."""

    first_x: int
    first_y: int
    last_x: int
    last_y: int
    bytes_per_core: int


@dataclass(frozen=True)
class Counts:
    """`dropped`: reports that no server is ever told of, less those that were on their way when a connection was lost."""

    connected: bool = False
    connections: int = 0
    sent: int = 0
    dropped: int = 0
    unknown_frees: int = 0
    live: int = 0


# What is live: kind ("buffer", "cb", "kernel"), device, id.
_Key = Tuple[str, int, int]


@dataclass(eq=False)
class _Live:
    """One report of something live. `frame`: without the zeros at its end."""

    serial: int
    size: int
    frame: bytes


class _Outbox:
    """Reports on their way. Every method is called under the client's lock."""

    def __init__(self, max_queued: int) -> None:
        self._max_queued = max_queued
        self._stacks: Dict[_Key, List[_Live]] = {}
        self._live: Dict[int, _Live] = {}
        self._serial = 0
        self._queue: Deque[bytes] = deque()
        # FREEs of what the server knows. They go before what is unsent, which may have the same ids again.
        self._owed: Deque[bytes] = deque()
        self.dropped = 0
        self.unknown_frees = 0
        self.start_over()

    @property
    def live(self) -> int:
        return len(self._live)

    @property
    def empty(self) -> bool:
        return not (self._queue or self._owed or self._unsent)

    def start_over(self) -> None:
        """The next server knows nothing."""
        self._queue.clear()
        self._owed.clear()
        self._unsent: "OrderedDict[int, _Live]" = OrderedDict(self._live)
        self._behind = True

    def hold(self, key: _Key, size: int, frame: bytes) -> None:
        """Something has become live."""
        self._serial += 1
        live = _Live(self._serial, size, frame)
        self._stacks.setdefault(key, []).append(live)
        self._live[live.serial] = live
        if not self._enqueue(frame):
            self._unsent[live.serial] = live

    def release(self, key: _Key) -> Optional[Tuple[_Live, bool]]:
        """What is live no more, the latest under that id, and whether the server has to be told."""
        stack = self._stacks.get(key)
        if not stack:
            self.unknown_frees += 1
            return None
        live = stack.pop()
        if not stack:
            del self._stacks[key]
        del self._live[live.serial]
        unsent = self._unsent.pop(live.serial, None) is not None
        if unsent:
            # The server knows neither: both are saved.
            self.dropped += 2
        return live, not unsent

    def owe(self, frame: bytes) -> None:
        """A FREE, which is never lost."""
        if not self._enqueue(frame):
            self._owed.append(frame)

    def tell(self, frame: bytes) -> None:
        """Something that is over once it is said."""
        if not self._enqueue(frame):
            self.dropped += 1

    def take_batch(self, frame_bytes: int) -> List[bytes]:
        """Whole frames for one write; none where there is nothing to send."""
        frames: List[bytes] = []
        while (len(frames) + 1) * frame_bytes <= _MAX_BATCH_BYTES:
            if self._queue:
                frame = self._queue.popleft()
            elif self._owed:
                frame = self._owed.popleft()
            elif self._unsent:
                frame = self._unsent.popitem(last=False)[1].frame
            else:
                self._behind = False
                break
            frames.append(frame.ljust(frame_bytes, b"\0"))
        return frames

    def _enqueue(self, frame: bytes) -> bool:
        if not self._behind and len(self._queue) >= self._max_queued:
            self._behind = True
        if self._behind:
            return False
        self._queue.append(frame)
        return True


class Client:
    """A client that is on. All methods may be called from any thread."""

    enabled = True

    def __init__(self, socket_path: str, frame_bytes: int, extension: bool, max_queued: int) -> None:
        self._path = socket_path
        self._frame_bytes = frame_bytes
        self._extension = extension and frame_bytes == 144
        self._max_queued = max_queued
        self._start()
        _clients.add(self)

    def allocated(self, device: int, buffer_id: int, size: int, buffer_type: BufferType) -> None:
        frame = self._frame(_ALLOC, device, size, buffer_type, buffer_id, time.time_ns())
        self._hold(("buffer", device, buffer_id), size, frame)

    def freed(self, device: int, buffer_id: int) -> None:
        self._release(("buffer", device, buffer_id), _FREE)

    def circular_buffer_allocated(self, device: int, buffer_id: int, size: int, cores: Optional[Cores] = None) -> None:
        """`size`: bytes on all cores together."""
        if not self._takes(_CB_ALLOC):
            return
        with_cores = cores is not None and self._extension
        kind = _CB_ALLOC_CORES if with_cores else _CB_ALLOC
        frame = self._frame(kind, device, size, 0, buffer_id, time.time_ns())
        body = _CORES.pack(*cores) if with_cores and cores is not None else b""
        self._hold(("cb", device, buffer_id), size, frame + body)

    def circular_buffer_freed(self, device: int, buffer_id: int) -> None:
        if self._takes(_CB_FREE):
            self._release(("cb", device, buffer_id), _CB_FREE)

    def kernel_loaded(
        self, device: int, kernel_id: int, size: int, kind: KernelKind = KernelKind.APPLICATION
    ) -> None:
        if self._takes(_KERNEL_LOAD):
            frame = self._frame(_KERNEL_LOAD, device, size, kind, kernel_id, time.time_ns())
            self._hold(("kernel", device, kernel_id), size, frame)

    def kernel_unloaded(self, device: int, kernel_id: int) -> None:
        if self._takes(_KERNEL_UNLOAD):
            self._release(("kernel", device, kernel_id), _KERNEL_UNLOAD)

    def allocator_statistics(
        self,
        device: int,
        buffer_type: BufferType,
        *,
        allocatable: int,
        allocated: int,
        free: int,
        largest_free_block: int,
    ) -> None:
        """An allocator's own statistics of one type, in bytes."""
        if self._takes(_ALLOCATOR_STATS):
            frame = self._frame(_ALLOCATOR_STATS, device, 0, buffer_type, 0, time.time_ns())
            self._tell(frame + _STATISTICS.pack(allocatable, allocated, free, largest_free_block))

    def allocation_failed(self, device: int, buffer_type: BufferType, size: int, largest_free_block: int) -> None:
        """An allocation that failed for want of memory."""
        if self._takes(_ALLOC_FAILED):
            frame = self._frame(_ALLOC_FAILED, device, size, buffer_type, 0, time.time_ns())
            self._tell(frame + _FAILURE.pack(largest_free_block))

    def counts(self) -> Counts:
        with self._lock:
            box = self._outbox
            return Counts(
                self._connected,
                self._connections,
                self._sent,
                box.dropped + self._unsupported,
                box.unknown_frees,
                box.live,
            )

    def close(self, seconds: float = 0.25) -> None:
        """Hands over what can be in that time, then closes the connection. Later calls do nothing."""
        with self._lock:
            if self._closed:
                return
            self._close_at = time.monotonic() + seconds
            self._closing.set()
        self._asleep = True
        self._wake()
        self._thread.join()

    # The application's side.

    @property
    def _closed(self) -> bool:
        return self._closing.is_set()

    def _frame(self, kind: int, device: int, size: int, buffer_type: int, buffer_id: int, timestamp: int) -> bytes:
        return _HEADER.pack(kind, device, size, buffer_type, os.getpid(), buffer_id, timestamp)

    def _takes(self, kind: int) -> bool:
        """Whether the server has such a message; counted where not."""
        if self._frame_bytes == 144 and (kind < _ALLOCATOR_STATS or self._extension):
            return True
        with self._lock:
            self._unsupported += 1
        return False

    def _hold(self, key: _Key, size: int, frame: bytes) -> None:
        with self._lock:
            if not self._closed:
                self._outbox.hold(key, size, frame)
        self._wake()

    def _release(self, key: _Key, kind: int) -> None:
        with self._lock:
            released = None if self._closed else self._outbox.release(key)
            if released is not None and released[1]:
                size = 0 if kind == _FREE else released[0].size
                self._outbox.owe(self._frame(kind, key[1], size, 0, key[2], 0))
        self._wake()

    def _tell(self, frame: bytes) -> None:
        with self._lock:
            if not self._closed:
                self._outbox.tell(frame)
        self._wake()

    def _wake(self) -> None:
        # One byte is enough, and a full pipe has one.
        if self._asleep:
            self._asleep = False
            try:
                self._waker.send(b"\0")
            except OSError:
                pass

    # The thread's side.

    def _start(self) -> None:
        self._lock = threading.Lock()
        self._outbox = _Outbox(self._max_queued)
        self._connected = False
        self._connections = 0
        self._sent = 0
        self._unsupported = 0
        self._closing = threading.Event()
        self._close_at = 0.0
        self._asleep = False
        self._socket: Optional[socket.socket] = None
        self._woken, self._waker = socket.socketpair()
        self._woken.setblocking(False)
        self._waker.setblocking(False)
        self._thread = threading.Thread(target=self._run, name="tt-alloc-client", daemon=True)
        self._thread.start()

    def _restart_in_child(self) -> None:
        """After fork(): what the parent holds is the parent's, and so is its connection."""
        for inherited in (self._socket, self._woken, self._waker):
            if inherited is not None:
                inherited.close()
        if not self._closed:
            self._start()

    def _run(self) -> None:
        pause = _FIRST_PAUSE_SECONDS
        while True:
            connection = self._connect()
            if connection is None:
                self._closing.wait(pause)
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            else:
                pause = _FIRST_PAUSE_SECONDS
                self._serve(connection)
                self._lose(connection)
            if self._closed:
                break
        self._woken.close()
        self._waker.close()

    def _connect(self) -> Optional[socket.socket]:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket = connection
        connection.setblocking(False)
        try:
            connection.connect(self._path)
        except OSError:
            self._socket = None
            connection.close()
            return None
        return connection

    def _lose(self, connection: socket.socket) -> None:
        self._socket = None
        connection.close()
        with self._lock:
            self._connected = False
            self._asleep = False
            self._outbox.start_over()

    def _serve(self, connection: socket.socket) -> None:
        """Sends until the connection is lost, or the client closed and nothing is left."""
        with selectors.DefaultSelector() as selector:
            selector.register(connection, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            rest, frames = b"", 0
            while not self._over():
                if not rest:
                    # Before the outbox is looked into: what comes after that wakes it.
                    self._asleep = True
                    with self._lock:
                        self._connections += not self._connected
                        self._connected = True
                        batch = self._outbox.take_batch(self._frame_bytes)
                    rest, frames = b"".join(batch), len(batch)
                if rest:
                    sent = _send(connection, rest)
                    if sent is None:
                        return
                    rest = rest[sent:]
                    if not rest:
                        with self._lock:
                            self._sent += frames
                        continue
                elif self._closed:
                    return
                events = selectors.EVENT_READ | (selectors.EVENT_WRITE if rest else 0)
                selector.modify(connection, events)
                if self._ended(selector.select(self._seconds_left()), connection):
                    return

    def _ended(self, ready: List[Tuple[selectors.SelectorKey, int]], connection: socket.socket) -> bool:
        for key, events in ready:
            if not events & selectors.EVENT_READ:
                continue
            source = connection if key.fileobj is connection else self._woken
            try:
                ended = source.recv(4096) == b""
            except BlockingIOError:
                continue
            except OSError:
                ended = True
            if ended and source is connection:
                return True
        return False

    def _over(self) -> bool:
        return self._closed and time.monotonic() >= self._close_at

    def _seconds_left(self) -> Optional[float]:
        return max(0.0, self._close_at - time.monotonic()) if self._closed else None


class _Off:
    """A client that is off: every call does nothing."""

    enabled = False

    def _nothing(self, *_: object, **__: object) -> None:
        return None

    allocated = freed = circular_buffer_allocated = circular_buffer_freed = _nothing
    kernel_loaded = kernel_unloaded = allocator_statistics = allocation_failed = close = _nothing

    def counts(self) -> Counts:
        return Counts()


def _send(connection: socket.socket, data: bytes) -> Optional[int]:
    """Bytes that the kernel took; None where the connection is lost. Python ignores SIGPIPE, and MSG_NOSIGNAL is for who does not."""
    try:
        return connection.send(data, socket.MSG_NOSIGNAL | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return 0
    except OSError:
        return None


_clients: "weakref.WeakSet[Client]" = weakref.WeakSet()


def _after_fork() -> None:
    for client in list(_clients):
        client._restart_in_child()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def connect(
    socket_path: str = DEFAULT_SOCKET,
    *,
    enabled: Optional[bool] = None,
    frame_bytes: int = 144,
    extension: bool = False,
    max_queued: int = 4096,
) -> "Client | _Off":
    """A client, or one that does nothing where TT_ALLOC_TRACKING_ENABLED is not 1 (or `enabled` is False).

    frame_bytes: what the server was built with (72, 112 or 144; the first two have ALLOC and FREE only).
    extension: whether the server is tt-allocation-server, so that cores, statistics and failures may be sent. A stock
    server would miss a circular buffer that comes with its cores, and still subtract it.
    """
    if frame_bytes not in (72, 112, 144):
        raise ValueError(f"frame_bytes is {frame_bytes}, and no server has such messages: 72, 112 or 144")
    if not 1 <= len(os.fsencode(socket_path)) <= 107:
        raise ValueError(f"{socket_path!r} is no path of a socket: it must have 1 to 107 bytes")
    if enabled is None:
        enabled = os.environ.get("TT_ALLOC_TRACKING_ENABLED") == "1"
    return Client(socket_path, frame_bytes, extension, max_queued) if enabled else _Off()
