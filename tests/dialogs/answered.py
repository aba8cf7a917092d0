"""Dialogs that were opened and answered: what services really send, with something of each page."""

from datetime import datetime

from django.test import Client as Browser
from django.urls import reverse

from dialogs.answering.offers import Offer, Way, offers
from dialogs.content import opening
from dialogs.models import Dialog, ServiceAction
from staff.models import User
from tests.stand_in import Altinn

LETTER, APP = "correspondence-confirmation-required", "app-completed"
THREAD, MIX = "correspondence-as-transmission", "unauthorized-and-expired-mix"
FORM, BUTTON = "nav-sykepenger-foresporsel-aktiv", "generic-service-with-write-actions"
OPENED = (LETTER, APP, THREAD, MIX, FORM, BUTTON)


def open_and_answer(
    browser: Browser, user: User, altinn: Altinn, *, now: datetime
) -> dict[str, str]:
    """Open the samples, keep a file, begin a form, press a button; return what to look at.

    The addresses are by name: «opened-…», «question-…», «form», «receipt», «documents».
    """
    found = {}
    for name in OPENED:
        dialog = Dialog.objects.get(pk=altinn.sample(name))
        browser.post(reverse("dialogs:whole-open", args=[dialog.pk]))
        kept = opening.kept(dialog)
        assert kept
        found[f"opened-{name}"] = reverse("dialogs:whole", args=[dialog.pk])
        for offer in offers(dialog, kept.details, user=user, now=now):
            found |= _answer(browser, dialog, offer, revision=str(kept.revision))
    letter = Dialog.objects.get(pk=altinn.sample(LETTER))
    kept = opening.kept(letter)
    assert kept
    file = next(one for one in kept.details.attachments if one.urls)
    kept_file = browser.post(reverse("dialogs:file-archive", args=[letter.pk, file.id]))
    assert kept_file.status_code == 302
    found["file"] = reverse("dialogs:file-preview", args=[letter.pk, file.id])
    found["documents"] = reverse("dialogs:client-documents", args=[letter.client_id])
    found["receipt"] = reverse("dialogs:receipt", args=[ServiceAction.objects.get().pk])
    return found


def _answer(browser: Browser, dialog: Dialog, offer: Offer, *, revision: str) -> dict[str, str]:
    """Come as far with one thing as this world goes: to its question, its form or its receipt."""
    address = reverse("dialogs:answer", args=[dialog.pk, offer.id])
    if offer.way == Way.FILL_IN:
        form = reverse("dialogs:answer-form", args=[dialog.pk, offer.id])
        browser.post(form, {"steg": "hent"})
        return {"form": form}
    if offer.way != Way.PRESS:
        return {}
    if offer.title.startswith("Be om"):
        browser.post(address, {"revision": revision})
        return {}
    return {f"question-{offer.title.lower()}": address}
