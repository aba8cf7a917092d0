"""The services' world, opened by Marit, who sees every client; Ola sees none of these."""

import io
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID
from zipfile import ZipFile

import pytest
from django.test import Client as Browser
from pytest_django import Settings

from altinn.details import Attachment, Details
from clients import actions as client_actions
from clients import connect
from clients.models import SystemUser
from dialogs import tasks
from dialogs.content import opening
from dialogs.models import Dialog
from staff.models import AuditEntry, User
from tests.stand_in import Altinn

CORRESPONDENCE = "correspondence-confirmation-required"
PDF = "Vedtak tvangsmulkt.pdf"
Opened = Callable[..., Dialog]


@pytest.fixture
def archive_root(settings: Settings, tmp_path: Path) -> Path:
    """A folder of the test's own for what is kept."""
    disk = "django.core.files.storage.FileSystemStorage"
    archive = {"BACKEND": disk, "OPTIONS": {"location": tmp_path / "archive"}}
    settings.STORAGES = settings.STORAGES | {"archive": archive}
    return tmp_path / "archive"


@pytest.fixture
def services(altinn: Altinn, now: datetime, db: None) -> SystemUser:
    """The firm's system user in the services' world, with every dialog read once."""
    altinn.reset("services")
    [one] = [user for user in altinn.system_users() if user["kind"] == "agent"]
    agent = SystemUser.objects.create(
        name="Regnskap",
        kind=SystemUser.Kind.AGENT,
        owner_orgnr=one["orgnr"],
        external_ref=one["external_ref"],
        adds_clients=True,
    )
    with connect.end_user(agent) as api:
        client_actions.keep_in_step(agent, api.parties(), now=now)
    tasks.load_new()
    return agent


@pytest.fixture
def opened(services: SystemUser, altinn: Altinn, leder: User, now: datetime) -> Opened:
    """Open the dialog made from a sample, and forget that it was asked for."""

    def open_it(sample: str = CORRESPONDENCE) -> Dialog:
        dialog = Dialog.objects.select_related("service", "party", "copy", "client").get(
            pk=altinn.sample(sample)
        )
        opening.fresh(dialog, user=leder, now=now)
        altinn.delete("/received")
        return dialog

    return open_it


@pytest.fixture
def marits(leder: User, logged_in: Callable[[User], Browser]) -> Browser:
    return logged_in(leder)


def details_of(dialog: Dialog) -> Details:
    kept = opening.kept(dialog)
    assert kept
    return kept.details


def every_attachment(dialog: Dialog) -> list[Attachment]:
    details = details_of(dialog)
    sent = [one for transmission in details.transmissions for one in transmission.attachments]
    return [*details.attachments, *sent]


def attachment_of(dialog: Dialog, name: str) -> Attachment:
    """The attachment whose name in Bokmål begins so."""
    for one in every_attachment(dialog):
        if one.display_name[0].value.startswith(name):
            return one
    raise AssertionError(name)


def key_of(attachment: Attachment) -> str:
    """The id by which the stand-in's controls know the file."""
    parts = attachment.urls[0].url.partition("?")[0].split("/")
    return next(part for part in reversed(parts) if len(part) == 36)


def address(dialog: Dialog, attachment: Attachment | UUID, end: str = "") -> str:
    key = attachment.id if isinstance(attachment, Attachment) else attachment
    return f"/innboks/{dialog.pk}/vedlegg/{key}/{end}"


def body(response: Any) -> bytes:
    """Read an answer to its end, where it is closed."""
    return b"".join(response) if response.streaming else bytes(response.content)


def unzipped(response: Any) -> dict[str, bytes]:
    with ZipFile(io.BytesIO(body(response))) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def entries(act: str) -> list[dict[str, Any]]:
    found = AuditEntry.objects.filter(act=act).order_by("pk")
    return [entry.detail | {"actor": entry.actor, "about": entry.about} for entry in found]
