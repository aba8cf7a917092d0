"""The client's folder in an S3-compatible bucket: the same code, another storage."""

import hashlib
import threading
from collections.abc import Iterator
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import Settings
from werkzeug.wrappers import Request, Response

from dialogs.files import archive
from dialogs.models import ArchivedFile
from tests.dialogs.files.conftest import PDF, Opened, address, attachment_of, body, key_of
from tests.stand_in import Altinn

MIB = 1024 * 1024


class Bucket:
    """As much of S3 as is asked for: PUT, GET, HEAD, DELETE, and a file in parts."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.parts: dict[int, bytes] = {}

    def __call__(self, environ: Any, start_response: Any) -> Any:
        return self.answer(Request(environ))(environ, start_response)

    def answer(self, request: Request) -> Response:
        assert "AWS4-HMAC-SHA256" in request.headers["Authorization"]
        match request.method:
            case "POST" if "uploads" in request.args:
                return self._xml("InitiateMultipartUploadResult", "<UploadId>1</UploadId>")
            case "POST":
                self.files[request.path] = b"".join(self.parts[one] for one in sorted(self.parts))
                return self._xml("CompleteMultipartUploadResult", "<ETag>1</ETag>")
            case "PUT":
                content = self._unpacked(request)
                if number := request.args.get("partNumber"):
                    self.parts[int(number)] = content
                else:
                    self.files[request.path] = content
                return Response(headers={"ETag": '"1"'})
            case "DELETE":
                self.parts.clear()
                self.files.pop(request.path, None)
                return Response(status=204)
        found = self.files.get(request.path)
        return Response(status=404) if found is None else Response(found)

    @staticmethod
    def _unpacked(request: Request) -> bytes:
        """Take the chunks of a signed stream apart, if it is one."""
        content = request.get_data()
        if "aws-chunked" not in request.headers.get("Content-Encoding", ""):
            return content
        whole = b""
        while content:
            size, _, rest = content.partition(b"\r\n")
            length = int(size.partition(b";")[0], 16)
            if not length:
                break
            whole, content = whole + rest[:length], rest[length + 2 :]
        return whole

    @staticmethod
    def _xml(name: str, inner: str) -> Response:
        return Response(f"<{name}>{inner}</{name}>", content_type="application/xml")


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """A test says nothing."""


@pytest.fixture
def bucket(settings: Settings) -> Iterator[Bucket]:
    bucket = Bucket()
    server = make_server("127.0.0.1", 0, bucket, handler_class=_Quiet)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    options = {
        "bucket_name": "mapper",
        "endpoint_url": f"http://127.0.0.1:{server.server_port}",
        "region_name": "eu-north-1",
        "access_key": "nøkkel".encode().hex(),
        "secret_key": "hemmelig",
        "signature_version": "s3v4",
        "addressing_style": "path",
        "file_overwrite": False,
    }
    s3 = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    settings.STORAGES = settings.STORAGES | {"archive": s3}
    yield bucket
    server.shutdown()
    serving.join()
    server.server_close()


def test_a_file_is_kept_in_a_bucket_given_from_it_and_removed(
    bucket: Bucket, opened: Opened, marits: Browser, altinn: Altinn
) -> None:
    dialog = opened()
    letter = attachment_of(dialog, PDF)
    altinn.post("/files", {"id": key_of(letter), "bytes": 12 * MIB})

    marits.post(address(dialog, letter, "arkiver/"))

    row = ArchivedFile.objects.get()
    [(path, content)] = bucket.files.items()
    assert path == f"/mapper/{row.stored_as}"
    assert row.size_bytes == len(content) == 12 * MIB
    assert hashlib.sha256(content).hexdigest() == row.sha256

    given = body(marits.get(f"/klienter/{row.client_id}/dokumenter/{row.pk}/"))
    assert hashlib.sha256(given).hexdigest() == row.sha256

    now = timezone.now()
    archive.remove_old(today=row.keep_until_on.replace(year=row.keep_until_on.year + 1), now=now)
    assert bucket.files == {}


def test_what_breaks_off_is_not_kept_in_a_bucket_either(
    bucket: Bucket, opened: Opened, marits: Browser, altinn: Altinn
) -> None:
    dialog = opened()
    letter = attachment_of(dialog, PDF)
    altinn.post("/files", {"id": key_of(letter), "bytes": 20 * MIB})
    altinn.post("/faults", {"operation": "correspondence-file", "abort_after_bytes": 12 * MIB})

    assert marits.post(address(dialog, letter, "arkiver/")).status_code == 504
    assert not ArchivedFile.objects.exists()
    assert bucket.files == {}
