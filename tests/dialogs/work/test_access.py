"""Whoever may not see the client finds no dialog to do anything with."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from django.test import Client as Browser

from clients.models import Client
from dialogs.models import ChecklistStep, Dialog, Follower, Opening, ReadMark
from staff.models import AuditEntry, User
from tests.dialogs.work.conftest import IN_PANEL, Post

ALL = [
    "ansvarlig",
    "utsett",
    "hent-tilbake",
    "intern-frist",
    "anslatt-frist",
    "ferdig",
    "gjenoppta",
    "endringer-sett",
    "haster-ikke",
    "folg",
    "sjekkliste",
    "apne",
    "her",
]


@pytest.mark.parametrize("what", ALL)
def test_a_colleague_without_the_client_gets_404(
    olas: Browser, ola: User, dialog: Dialog, post: Post, what: str
) -> None:
    step = ChecklistStep.objects.create(service=dialog.service, text="Stem av", position=1)
    sent = {"responsible": ola.pk, "day": "2100-01-01", "folg": "ja", "punkt": step.pk}
    before = Dialog.objects.filter(pk=dialog.pk).values().get()

    assert post(olas, what, gjort="ja", side="x", **sent).status_code == 404

    assert Dialog.objects.filter(pk=dialog.pk).values().get() == before
    assert not AuditEntry.objects.exclude(act="access refused").exists()
    assert not Follower.objects.exists()
    assert not Opening.objects.exists()


def test_a_colleague_without_the_client_leaves_no_trace_of_looking(
    olas: Browser, dialog: Dialog
) -> None:
    assert olas.get(f"/innboks/{dialog.pk}/", headers=IN_PANEL).status_code == 404
    assert not ReadMark.objects.exists()


@pytest.mark.parametrize("what", ALL)
def test_nothing_is_done_by_looking(karis: Browser, dialog: Dialog, what: str) -> None:
    assert karis.get(f"/innboks/{dialog.pk}/{what}/").status_code == 405
    assert karis.post(f"/innboks/{uuid4()}/{what}/").status_code == 404


@pytest.mark.parametrize("what", ALL)
def test_a_form_from_elsewhere_is_refused(
    kari: User, dialog: Dialog, bakeren: Client, what: str
) -> None:
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(kari)

    assert browser.post(f"/innboks/{dialog.pk}/{what}/").status_code == 403


def test_a_stranger_is_asked_to_log_in(dialog: Dialog, logged_in: Callable[..., Browser]) -> None:
    answer = Browser().post(f"/innboks/{dialog.pk}/her/", {"side": "x"})

    assert answer.headers["Location"].startswith("/konto/login/")
