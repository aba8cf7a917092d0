"""A small threaded HTTP/1.1 server: kept connections, and the faults only a socket can show.

Werkzeug's own server closes every connection after one answer, which no measurement of a client
should be made against.
"""

import contextlib
import io
import socket
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from werkzeug.wrappers import Response

from sandbox.app import App
from sandbox.faults import Aborted, Drip
from sandbox.state import Sandbox

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

IDLE_SECONDS = 75
LARGEST_BODY = 20 * 1024 * 1024


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512
    app: App

    def __init__(self, host: str, port: int) -> None:
        super().__init__((host, port), _Handler)
        self.connections: set[socket.socket] = set()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away; show anything else."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)

    def close_connections(self) -> None:
        for connection in list(self.connections):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    timeout = IDLE_SECONDS
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.server.connections.add(self.connection)

    def finish(self) -> None:
        self.server.connections.discard(self.connection)
        super().finish()

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            found = bytearray()
            while size := int(self.rfile.readline().split(b";")[0], 16):
                found += self.rfile.read(size)
                self.rfile.readline()
            self.rfile.readline()
            return bytes(found)
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def _environ(self, body: bytes) -> "WSGIEnvironment":
        url = urlsplit(self.path)
        host, port = self.server.server_address[:2]
        environ: WSGIEnvironment = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote(url.path, "latin-1"),
            "QUERY_STRING": url.query,
            "SERVER_NAME": str(host),
            "SERVER_PORT": str(port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            if key not in ("CONTENT_TYPE", "CONTENT_LENGTH", "TRANSFER_ENCODING"):
                environ.setdefault(f"HTTP_{key}", value)
        return environ

    def _answer(self) -> None:
        try:
            body = self._body()
        except ValueError:
            self.send_error(400)
            self.close_connection = True
            return
        try:
            response, fault = self.server.app.answer(self._environ(body))
        except Aborted as cut:
            self.close_connection = True
            if cut.response is not None:
                self._send(cut.response, self._pieces(cut.response, None), most=cut.sent_bytes)
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        length = fault.content_length if fault else None
        pieces = self._pieces(response, length)
        if length is not None:
            self.close_connection = True
        if fault and fault.drip:
            pieces = _dripped(pieces, fault.drip if isinstance(fault.drip, Drip) else Drip())
        self._send(response, pieces)

    def _send(self, response: Response, pieces: Iterator[bytes], most: int | None = None) -> None:
        """Send the pieces, or so many bytes of them, and let go of what makes them."""
        try:
            for piece in pieces:
                if most is not None and len(piece) >= most:
                    self.wfile.write(piece[:most])
                    return
                self.wfile.write(piece)
                most = None if most is None else most - len(piece)
        finally:
            response.close()

    def _pieces(self, response: Response, length: int | None) -> Iterator[bytes]:
        """Write an answer: whole, or in pieces as it is made, chunked if its length is unknown."""
        is_whole = self.command == "HEAD" or not response.is_streamed
        body = b"" if self.command == "HEAD" or not is_whole else response.get_data()
        known = len(body) if is_whole else response.content_length
        known = known if length is None else length
        if is_whole:
            yield self._head(response, known) + body
            return
        yield self._head(response, known)
        for piece in response.iter_encoded():
            if piece:
                yield piece if known is not None else b"%x\r\n%s\r\n" % (len(piece), piece)
        if known is None:
            yield b"0\r\n\r\n"

    def _head(self, response: Response, length: int | None) -> bytes:
        lines = [f"HTTP/1.1 {response.status}", f"Date: {self.date_time_string()}"]
        lines += [
            f"{name}: {value}"
            for name, value in response.headers.items()
            if name.lower() != "content-length"
        ]
        if length is None:
            lines.append("Transfer-Encoding: chunked")
        elif response.status_code != 204:
            lines.append(f"Content-Length: {length}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = _answer


def _dripped(pieces: Iterator[bytes], drip: Drip) -> Iterator[bytes]:
    step = max(1, drip.bytes)
    for piece in pieces:
        for place in range(0, len(piece), step):
            yield piece[place : place + step]
            time.sleep(drip.seconds)


class Serving:
    """A sandbox being served. The port is taken before the world is made, which has it in links."""

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0, public_url: str = "",
                 **world: Any) -> None:  # fmt: skip
        self._server = _Server(host, port)
        self.port: int = self._server.server_address[1]
        self.url = public_url or f"http://127.0.0.1:{self.port}"
        self.box = Sandbox(base_url=self.url, **world)
        self._server.app = App(self.box)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True
        )

    def start(self) -> None:
        self._thread.start()

    def wait(self) -> None:
        self._thread.join()

    def stop(self) -> None:
        self.box.stop()
        self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()
        self._thread.join(timeout=2)


@contextlib.contextmanager
def serve(**options: Any) -> Iterator[Serving]:
    """Serve a sandbox on a free port of this machine while the block runs."""
    serving = Serving(**options)
    serving.start()
    try:
        yield serving
    finally:
        serving.stop()
