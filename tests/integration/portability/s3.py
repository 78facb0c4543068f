"""As much of S3 as keeping files needs, over real HTTP: PUT, GET, HEAD, DELETE of one bucket."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

Objects = dict[str, bytes]


def _unchunked(body: bytes) -> bytes:
    """The client sends its checksum after the content, in chunks of AWS's own form."""
    out = b""
    while body:
        head, _, body = body.partition(b"\r\n")
        size = int(head.split(b";")[0], 16)
        if not size:
            break
        out, body = out + body[:size], body[size + 2 :]
    return out


@contextmanager
def s3_server() -> Iterator[tuple[str, Objects]]:
    """Address, and the objects by `/bucket/key`."""
    objects: Objects = {}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _answer(self, status: int, body: bytes = b"", *, head: bool = False) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("ETag", '"x"')
            self.send_header("Last-Modified", "Tue, 24 Nov 2026 04:00:00 GMT")
            self.end_headers()
            if not head:
                self.wfile.write(body)

        def _key(self) -> str:
            return self.path.partition("?")[0]

        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if "aws-chunked" in self.headers.get("Content-Encoding", ""):
                body = _unchunked(body)
            objects[self._key()] = body
            self._answer(200)

        def do_GET(self) -> None:
            found = objects.get(self._key())
            missing = b"<Error><Code>NoSuchKey</Code></Error>"
            self._answer(404, missing) if found is None else self._answer(200, found)

        def do_HEAD(self) -> None:
            found = objects.get(self._key())
            self._answer(404 if found is None else 200, found or b"", head=True)

        def do_DELETE(self) -> None:
            objects.pop(self._key(), None)
            self._answer(204)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", objects
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
