"""Every page that people look at is one that axe looks at, or is here with a reason."""

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, resolve

from tests.dialogs.a11y.pages import PLACES

# Addresses that world.py makes as a whole.
WHOLE = {
    "letter": "dialogs:whole",
    "app": "dialogs:whole",
    "thread": "dialogs:whole",
    "mix": "dialogs:whole",
    "nav": "dialogs:whole",
    "generic": "dialogs:whole",
    "confirm": "dialogs:answer",
    "delete": "dialogs:answer",
    "form": "dialogs:answer-form",
    "receipt": "dialogs:receipt",
    "file": "dialogs:file-preview",
    "documents": "dialogs:client-documents",
    "off": "dialogs:notices-off",
}
UUIDS = ("dialog", "reopened")

LEFT_OUT = {
    "a part of a page, which is looked at there": {
        "clients:setup-request-state",
        "dialogs:client-colleagues",
        "dialogs:dialog-colleagues",
        "dialogs:note",
        "dialogs:search-counts",
    },
    "without scripts alone, with the parts of a page that is looked at": {
        "dialogs:client-notes",
        "dialogs:dialog-notes",
        "dialogs:service-guide",
    },
    "a file": {
        "dialogs:calendar",
        "clients:finding-export",
        "clients:import-model",
        "clients:import-wrong",
        "clients:setup-key-public",
        "dialogs:audit-log-file",
        "dialogs:client-file",
        "dialogs:client-report-pdf",
        "dialogs:export",  # of a list that is too long for that: a question
        "dialogs:export-file",
        "dialogs:file",
        "dialogs:file-content",
        "dialogs:files",
        "dialogs:receipt-pdf",
    },
    "leads on to another page": {
        "clients:idporten-back",
        "clients:idporten-begin",
        "dialogs:export-receipts",
        "dialogs:notice",
        "dialogs:start",
    },
    "for machines": {
        "alive",
        "ready",
        "clients:idporten-logged-out",
        "dialogs:stream",
        "dialogs:news",
    },
    "comes of handing a colleague's clients over, which other pages need": {
        "dialogs:hand-over-receipt"
    },
    "asked when somebody comes in, or must show anew who they are: seen in a browser": {
        "account_inactive",
        "account_reauthenticate",
        "account_signup",
        "invitation",
        "mfa_authenticate",
        "mfa_login_webauthn",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "openid_connect_again",
        "openid_connect_callback",
        "openid_connect_login",
        "socialaccount_login_cancelled",
    },
    "comes of having a code app or a passkey": {
        "mfa_deactivate_totp",
        "mfa_download_recovery_codes",
        "mfa_edit_webauthn",
        "mfa_generate_recovery_codes",
        "mfa_list_webauthn",
        "mfa_remove_webauthn",
        "mfa_view_recovery_codes",
    },
}


def pages(patterns: list[Any], space: str = "") -> Iterator[str]:
    """The names of the addresses that answer a GET. The admin site's pages are Django's own."""
    for pattern in patterns:
        if isinstance(pattern, URLResolver) and pattern.namespace == "admin":
            continue
        if isinstance(pattern, URLResolver):
            yield from pages(pattern.url_patterns, pattern.namespace or space)
        elif isinstance(pattern, URLPattern) and answers_get(pattern.callback):
            yield f"{space}:{pattern.name}" if space else str(pattern.name)


def answers_get(view: Callable[..., Any]) -> bool:
    """Whether no decorator of a view takes POST alone."""
    here: Callable[..., Any] | None = view
    while here is not None:
        if inspect.getclosurevars(here).nonlocals.get("request_method_list") == ["POST"]:
            return False
        here = getattr(here, "__wrapped__", None)
    return True


def looked_at() -> set[str]:
    return {name_of(place.address) for place in PLACES}


def name_of(address: str) -> str:
    if (key := address.strip("{}")) in WHOLE:
        return WHOLE[key]
    nobody = "00000000-0000-0000-0000-000000000000"
    path = re.sub(r"{(\w+)}", lambda key: nobody if key[1] in UUIDS else "1", address)
    path = path.replace("/finn/1/", "/finn/312000003/")
    return resolve(path.partition("?")[0]).view_name


def test_every_page_is_looked_at_or_left_out_for_a_reason() -> None:
    left_out = [name for names in LEFT_OUT.values() for name in names]
    found = sorted(pages(get_resolver().url_patterns))
    assert sorted([*looked_at(), *left_out]) == found
