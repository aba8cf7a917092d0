"""The vendor's system in Altinn's register: made once, and brought in line when it changes.

Source: altinn-authentication ad4f6f36, system register; read 2026-07.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.urls import reverse

from altinn.errors import AltinnError, NotThere
from altinn.systemregister import System, SystemRegister
from clients import connect
from clients.advice import advice_for
from clients.models import ONLY, SystemRegistration, VendorClient
from clients.setup.packages import urn_of
from staff import audit
from staff.models import User

DESCRIPTION = "Leser og besvarer dialoger i Altinn for et regnskapsfirma og kundene dets."


class NotRegistered(Exception):
    """Altinn did not take the system; the text says why and what to do."""


def redirect_urls() -> list[str]:
    """Where an approver's browser comes back to. Altinn takes https only; its stand-in, which is
    itself on this machine without, takes what else is."""
    address = f"{settings.PUBLIC_URL}{reverse('clients:setup-approved')}"
    schemes = {"https", urlsplit(settings.ALTINN.platform_url).scheme}
    return [address] if urlsplit(address).scheme in schemes else []


def system_id_of(client: VendorClient, name: str) -> str:
    return f"{client.vendor_orgnr}_{name}"


def register(
    client: VendorClient,
    *,
    system_id: str,
    name: str,
    packages: Sequence[str],
    actor: User | None,
    now: datetime,
) -> SystemRegistration:
    """Make the system at Altinn, or bring the one that is there in line.

    What is wanted is written down first, so that it is still there if Altinn refuses.

    Raises:
        NotRegistered: Altinn refused or did not answer.
        NotConfigured: there is no key in use.
    """
    facts = {
        "system_id": system_id,
        "name": name,
        "packages": list(packages),
        "redirect_urls": redirect_urls(),
        "registered_at": None,
    }
    ours, _is_new = SystemRegistration.objects.update_or_create(pk=ONLY, defaults=facts)
    try:
        with connect.system_register() as api:
            is_new = _bring_in_line(api, _wanted(client, ours))
    except AltinnError as exc:
        advice = advice_for(exc)
        ours.trouble = f"{advice.text} {advice.next_step}"[:1000]
        ours.save(update_fields=["trouble"])
        raise NotRegistered(ours.trouble) from exc
    with transaction.atomic():
        ours.trouble, ours.registered_at = "", now
        ours.save(update_fields=["trouble", "registered_at"])
        audit.record(
            actor=actor,
            act="system registered" if is_new else "system updated",
            about="system registration",
            now=now,
            system_id=system_id,
            packages=list(packages),
        )
    return ours


def _wanted(client: VendorClient, ours: SystemRegistration) -> System:
    """What Altinn is to have. Never visible: client packages are not offered in Altinn's own list.

    A visible system with such packages is refused (AUTH.VLD-00018).
    """
    return System(
        id=ours.system_id,
        vendor_orgnr=client.vendor_orgnr,
        names=dict.fromkeys(("nb", "nn", "en"), ours.name),
        descriptions=dict.fromkeys(("nb", "nn", "en"), DESCRIPTION),
        rights=(),
        packages=tuple(urn_of(name) for name in ours.packages),
        client_ids=(client.client_id,),
        is_visible=False,
        redirect_urls=tuple(ours.redirect_urls),
    )


def _bring_in_line(api: SystemRegister, wanted: System) -> bool:
    """Make or change it; return whether it is new. Other clients of the system keep their place."""
    try:
        there = api.read(wanted.id)
    except NotThere:
        api.create(wanted)
        return True
    others = [one for one in there.client_ids if one not in wanted.client_ids]
    api.update(replace(wanted, client_ids=(*wanted.client_ids, *others), rights=there.rights))
    return False
