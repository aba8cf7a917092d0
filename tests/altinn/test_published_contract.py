"""A mock server made from Dialogporten's own OpenAPI file takes every request our client makes.

The mock (Prism) answers 4xx with a list of violations when a request breaks the contract.
"""

import contextlib
import json
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from altinn.dialogporten import DialogStatus, EndUser, Search, SystemLabel
from altinn.environment import Environment
from altinn.errors import AltinnError
from portal.demo.servers import free_port

ROOT = Path(__file__).resolve().parents[2]
PRISM = ROOT / "node_modules" / ".bin" / "prism"
CONTRACT = ROOT / "node_modules/@digdir/dialogporten-schema/swagger.verified.json"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DIALOG, OTHER = UUID(int=1), UUID(int=2)
PARTIES = (
    "urn:altinn:organization:identifier-no:310495921",
    "urn:altinn:organization:identifier-no:310010693",
)


def without_nullable_parameters(contract: dict[str, Any]) -> dict[str, Any]:
    """A parameter is never null; and of a nullable list Prism takes a single value for a text."""
    for path in contract["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                parameter.get("schema", {}).pop("nullable", None)
    return contract


@pytest.fixture(scope="module")
def mock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    contract = json.loads(CONTRACT.read_text(encoding="utf-8-sig"))
    file = tmp_path_factory.mktemp("contract") / "openapi.json"
    file.write_text(json.dumps(without_nullable_parameters(contract)))
    port = free_port(0)
    node = shutil.which("node") or str(ROOT / ".venv/bin/node")
    process = subprocess.Popen(
        [node, str(PRISM), "mock", "--errors", "--host", "127.0.0.1", "-p", str(port), str(file)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{url}/api/v1/metadata/limits", trust_env=False)
                break
            assert process.poll() is None, "Prism did not start; is node_modules complete?"
            time.sleep(0.2)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(10)


class Bearer(httpx.Auth):
    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        request.headers["Authorization"] = "Bearer token"
        yield request


EVERYTHING = Search(
    party=PARTIES,
    service_resource=("urn:altinn:resource:a",),
    org=("skd", "nav"),
    extended_status=("venter",),
    external_reference="SKD-1",
    status=(DialogStatus.REQUIRES_ATTENTION, DialogStatus.DRAFT),
    created_after=NOON,
    created_before=NOON,
    updated_after=NOON,
    updated_before=NOON,
    content_updated_after=NOON,
    content_updated_before=NOON,
    due_after=NOON,
    due_before=NOON,
    is_content_seen=False,
    process="urn:nav:prosess:77",
    system_label=(SystemLabel.ARCHIVE,),
    exclude_api_only=True,
    search="mva-melding",
    search_language_code="nb",
    order_by="updatedAt_asc,id_asc",
    continuation_token="updatedat_2026-03-05T13:40:02.5512000Z,id_019caf0b",
    limit=1000,
)
CALLS: dict[str, Callable[[EndUser], object]] = {
    "parties": lambda api: api.parties(),
    "search": lambda api: api.search(EVERYTHING),
    "search for one party": lambda api: api.search(Search(party=PARTIES[:1], limit=1)),
    "details": lambda api: api.details(DIALOG),
    "transmissions": lambda api: api.transmissions(DIALOG),
    "transmission": lambda api: api.transmission(DIALOG, OTHER),
    "activities": lambda api: api.activities(DIALOG),
    "activity": lambda api: api.activity(DIALOG, OTHER),
    "seen log": lambda api: api.seen_log(DIALOG),
    "label log": lambda api: api.label_log(DIALOG),
    "labels": lambda api: api.set_labels(
        DIALOG, add=[SystemLabel.ARCHIVE], remove=[SystemLabel.MARKED_AS_UNOPENED], revision=OTHER
    ),
    "labels in bulk": lambda api: api.bulk_set_labels(
        [(DIALOG, OTHER), (OTHER, None)], add=[SystemLabel.BIN]
    ),
    "lookup": lambda api: api.lookup(f"urn:altinn:dialog-id:{DIALOG}"),
    "services": lambda api: api.service_resources(PARTIES),
    "all services": lambda api: api.all_service_resources(),
    "limits": lambda api: api.limits(),
}


@pytest.mark.parametrize("call", CALLS)
def test_the_contract_takes_the_request(mock: str, call: str) -> None:
    answers: list[httpx.Response] = []
    loopback = "http://127.0.0.1:1"
    environment = Environment(
        name="mock",
        maskinporten_issuer=f"{loopback}/",
        maskinporten_token_url=f"{loopback}/token",
        platform_url=loopback,
        dialogporten_url=mock,
        events_url=f"{loopback}/events",
        enhetsregisteret_url=f"{loopback}/enheter",
        idporten_issuer=loopback,
        idporten_login_url=loopback,
        access_management_url=loopback,
    )
    with (
        httpx.Client(event_hooks={"response": [answers.append]}, trust_env=False) as http,
        contextlib.suppress(AltinnError),  # the mock makes up answers that mean nothing
    ):
        CALLS[call](EndUser(http, environment, Bearer()))

    assert answers
    for answer in answers:
        assert answer.is_success, answer.headers.get("sl-violations", answer.status_code)


def test_the_mock_refuses_what_breaks_the_contract(mock: str) -> None:
    answer = httpx.get(
        f"{mock}/api/v1/enduser/dialogs",
        params={"party": PARTIES[0], "limit": "many"},
        headers={"Authorization": "Bearer token"},
        trust_env=False,
    )

    assert answer.status_code == 422
