"""A small mail server, which does to a mail what the test wants."""

import socketserver
import threading
from enum import StrEnum
from typing import Self


class Does(StrEnum):
    TAKES = "takes"
    NOT_NOW = "not now"  # 451 to the receiver
    NEVER = "never"  # 550 to the receiver
    NOT_THE_CONTENT = "not the content"  # 554 to what was sent
    SILENT = "silent"  # hangs up when it has the whole mail
    CLOSED = "closed"  # hangs up at once


_TO_THE_RECEIVER = {
    Does.NOT_NOW: "451 4.3.0 Try again later",
    Does.NEVER: "550 5.1.1 No such mailbox",
}


class PostOffice(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.does = Does.TAKES
        self.taken: list[bytes] = []
        self.lock = threading.Lock()

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.02}).start()
        return self

    def __exit__(self, *_exc: object) -> None:
        self.shutdown()
        self.server_close()


class _Counter(socketserver.StreamRequestHandler):
    server: PostOffice

    def handle(self) -> None:
        does = self.server.does
        if does == Does.CLOSED:
            return
        self._say("220 post.invalid")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"QUIT":
                self._say("221 Bye")
                return
            if word == b"RCPT" and does in _TO_THE_RECEIVER:
                self._say(_TO_THE_RECEIVER[does])
            elif word == b"DATA":
                self._say("354 Go on")
                content = self._read()
                if does == Does.NOT_THE_CONTENT:
                    self._say("554 5.6.0 Not this")
                    continue
                with self.server.lock:
                    self.server.taken.append(content)
                if does == Does.SILENT:
                    return
                self._say("250 2.0.0 Taken")
            else:
                self._say("250 post.invalid")

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def _read(self) -> bytes:
        lines = []
        while (line := self.rfile.readline()) not in {b".\r\n", b""}:
            lines.append(line)
        return b"".join(lines)
