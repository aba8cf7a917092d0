"""Lists as people bring them, and jobs that are run as a worker does."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import httpx
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from altinn.identifiers import is_orgnr
from clients.finding import importing, lists, sheets
from clients.models import ClientImport, ImportLine, ServiceArea
from staff.models import User
from tests.stand_in import Altinn

BAKEREN, BAKEREN_BERGEN, FISKEREN = "310495921", "315010004", "313170004"


def numbers(count: int, *, first: int = 90_000_000) -> list[str]:
    """Valid organisation numbers that nobody in the sandbox has."""
    found: list[str] = []
    serial = first
    while len(found) < count:
        found += [one for digit in range(10) if is_orgnr(one := f"{serial}{digit}")]
        serial += 1
    return found


def uploaded(content: str | bytes, name: str = "liste.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content.encode() if isinstance(content, str) else content)


def begun(text: str, actor: User, now: datetime) -> ClientImport:
    """An import of a CSV text, not looked up yet."""
    found = lists.understand(sheets.read_text(text), list(ServiceArea.objects.all()))
    return importing.begin(found, source="liste.csv", actor=actor, now=now)


def run_whole(job: ClientImport, now: datetime) -> ClientImport:
    while importing.run(job.pk, now=now):
        pass
    job.refresh_from_db()
    return job


def faults_of(job: ClientImport) -> dict[int, list[str]]:
    return {
        line.number: [fault["code"] for fault in line.faults]
        for line in ImportLine.objects.filter(job=job).order_by("number")
    }


@dataclass(frozen=True)
class Known:
    """What Altinn's stand-in has in its register: main units, and a sub-unit of the first."""

    mains: list[str]
    names: dict[str, str]
    sub: str


@pytest.fixture
def known(altinn: Altinn) -> Known:
    def listed(path: str) -> list[dict[str, Any]]:
        answer = httpx.get(
            f"{altinn.base_url}/enhetsregisteret/api/{path}?size=1000", trust_env=False
        )
        found: list[dict[str, Any]] = answer.json()["_embedded"][path]
        return found

    sub = listed("underenheter")[0]
    main = sub["overordnetEnhet"]
    units = {one["organisasjonsnummer"]: one["navn"] for one in listed("enheter")}
    firm = altinn.credentials()["firm"]["orgnr"]
    mains = [main, *sorted(orgnr for orgnr in units if orgnr not in (main, firm))]
    return Known(mains, units, sub["organisasjonsnummer"])


@pytest.fixture
def mva(db: None) -> ServiceArea:
    return ServiceArea.objects.get_or_create(name="Merverdiavgift")[0]
