import json
from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from altinn.keys import new_key
from clients import connect
from clients.connect import NotConfigured
from clients.models import SystemUser, VendorClient, VendorKey, a_year_after
from clients.setup import keys
from staff.models import AuditEntry, User
from staff.sealing import seal
from tests.clients.conftest import Browse
from tests.clients.setup.conftest import weak_jwk
from tests.stand_in import Altinn

State = VendorKey.State
PAGE = reverse("clients:setup-maskinporten")


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def changed(jwk: str, **parts: object) -> str:
    """The key with some parts replaced; None takes a part away."""
    whole = json.loads(jwk) | parts
    return json.dumps({name: value for name, value in whole.items() if value is not None})


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda jwk: changed(jwk, d=None), "public"),
        (lambda _: weak_jwk(), "weak"),
        (lambda jwk: changed(jwk, kid=None), "kid"),
        (lambda jwk: changed(jwk, kid=""), "kid"),
        (lambda jwk: changed(jwk, kty="EC"), "kind"),
        (lambda jwk: changed(jwk, use="enc"), "use"),
        (lambda jwk: changed(jwk, alg="RSA-OAEP"), "use"),
        (lambda jwk: changed(jwk, n="AA"), "broken"),
        (lambda jwk: jwk[:-20], "json"),
        (lambda jwk: f"[{jwk}]", "many"),
        (lambda jwk: json.dumps({"keys": [json.loads(jwk)] * 2}), "many"),
        (lambda _: "-----BEGIN PRIVATE KEY-----\nMIIE", "pem"),
        (lambda _: "[" * 5000, "json"),
    ],
)
def test_a_wrong_key_is_refused_with_a_sentence_that_does_not_quote_it(
    spoil: object, code: str, jwk: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        keys.read_jwk(spoil(jwk))  # type: ignore[operator]

    assert refused.value.code == code
    assert json.loads(jwk)["d"][:12] not in str(refused.value)


def test_a_set_of_one_key_is_taken_too(jwk: str) -> None:
    assert keys.read_jwk(json.dumps({"keys": [json.loads(jwk)]})).kid == "nøkkel-1"


def test_the_private_part_is_sealed_and_never_shown(
    registered: VendorKey, altinn: Altinn, admin: User, browse: Browse
) -> None:
    private = altinn.credentials()["jwk"]["d"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(k)::text FROM clients_vendorkey k")
        [row] = cursor.fetchone() or [""]

    public = text(browse(admin).get(reverse("clients:setup-key-public", args=[registered.pk])))

    assert registered.kid in row
    for shown in (row, public, text(browse(admin).get(PAGE)), repr(registered)):
        assert private[:20] not in shown
    assert json.loads(public)["n"] == altinn.credentials()["jwk"]["n"]
    assert "d" not in json.loads(public)


def test_the_first_key_that_maskinporten_knows_is_taken_into_use(
    registered: VendorKey, admin: User, now: datetime
) -> None:
    with pytest.raises(NotConfigured):
        connect.vendor_in_use()

    tried = keys.try_key(registered, registered_on=date(2026, 11, 1), actor=admin, now=now)

    assert tried.works
    assert connect.vendor_in_use().key.kid == registered.kid
    registered.refresh_from_db()
    assert (registered.state, registered.expires_on) == (State.CURRENT, date(2027, 11, 1))
    acts = set(AuditEntry.objects.filter(actor=admin).values_list("act", flat=True))
    assert {"vendor key uploaded", "vendor key tested", "vendor key taken into use"} <= acts


def test_a_key_that_maskinporten_does_not_know_is_explained_and_not_used(
    vendor: VendorClient, jwk: str, admin: User, now: datetime
) -> None:
    key = keys.take_key(vendor, jwk, actor=admin, now=now)

    tried = keys.try_key(key, registered_on=now.date(), actor=admin, now=now)

    assert not tried.works
    assert "MP-" in tried.trouble
    key.refresh_from_db()
    assert (key.state, key.tested_at, key.trouble) == (State.NEXT, None, tried.trouble)
    with pytest.raises(NotConfigured):
        connect.vendor_in_use()


def test_two_keys_at_once_then_the_old_one_is_wiped(
    in_use: VendorKey, altinn: Altinn, admin: User, now: datetime
) -> None:
    following = keys.make_key(in_use.client, actor=admin, now=now)
    with pytest.raises(ValidationError, match="Prøv nøkkelen"):
        keys.switch(following, actor=admin, now=now)
    assert connect.vendor_in_use().key.kid == in_use.kid
    altinn.post("/keys", following.public_jwk)

    assert keys.try_key(following, registered_on=now.date(), actor=admin, now=now).works
    assert connect.vendor_in_use().key.kid == in_use.kid
    keys.switch(following, actor=admin, now=now)

    assert connect.vendor_in_use().key.kid == following.kid
    in_use.refresh_from_db()
    assert (in_use.state, bytes(in_use.sealed_private)) == (State.RETIRED, b"")


def test_another_process_signs_with_the_new_key_at_once(in_use: VendorKey) -> None:
    assert connect.vendor_in_use().key.kid == in_use.kid
    spare = new_key()
    # As another process does it: behind this one's back.
    VendorKey.objects.filter(pk=in_use.pk).update(
        kid=spare.kid, sealed_private=seal(json.dumps(spare.private_jwk()).encode())
    )

    assert connect.vendor_in_use().key.kid == spare.kid


def test_there_is_one_next_key_at_a_time(
    registered: VendorKey, jwk: str, admin: User, now: datetime
) -> None:
    with pytest.raises(ValidationError, match="forkast"):
        keys.take_key(registered.client, jwk, actor=admin, now=now)

    keys.discard(registered, actor=admin, now=now)

    keys.take_key(registered.client, jwk, actor=admin, now=now)
    registered.refresh_from_db()
    assert bytes(registered.sealed_private) == b""


def test_a_key_in_use_is_not_discarded(in_use: VendorKey, admin: User, now: datetime) -> None:
    with pytest.raises(ValidationError):
        keys.discard(in_use, actor=admin, now=now)

    assert connect.vendor_in_use().key.kid == in_use.kid


@pytest.mark.parametrize(
    ("days", "threshold"),
    [(31, None), (30, 30), (15, 30), (14, 14), (4, 14), (3, 3), (0, 3), (-1, 0)],
)
def test_it_warns_at_thirty_fourteen_and_three_days(
    days: int, threshold: int | None, in_use: VendorKey, now: datetime, admin: User, browse: Browse
) -> None:
    in_use.expires_on = timezone.localdate(now) + timedelta(days=days)
    in_use.save()

    found = [one.threshold for one in keys.keys_expiring(now)]

    assert found == ([] if threshold is None else [threshold])
    page = text(browse(admin).get(reverse("clients:setup")))
    assert ("Nøkkelen hos Maskinporten" in page) == (threshold is not None)
    assert ("er utløpt" in page) == (days < 0)


def test_the_warning_is_gone_once_the_key_is_renewed(
    in_use: VendorKey, admin: User, now: datetime
) -> None:
    in_use.expires_on = timezone.localdate(now)
    in_use.save()

    keys.try_key(in_use, registered_on=timezone.localdate(now), actor=admin, now=now)

    assert keys.keys_expiring(now) == []


def test_a_year_after_a_leap_day_is_the_day_before() -> None:
    assert a_year_after(date(2028, 2, 29)) == date(2029, 2, 28)
    assert a_year_after(date(2026, 11, 28)) == date(2027, 11, 28)


def test_a_key_sealed_with_a_lost_key_is_explained(
    in_use: VendorKey, admin: User, browse: Browse
) -> None:
    VendorKey.objects.filter(pk=in_use.pk).update(sealed_private=b"noe annet")

    with pytest.raises(NotConfigured, match="SEALING_KEY"):
        connect.vendor_in_use()
    there = reverse("clients:setup-key-test", args=[in_use.pk])
    page = browse(admin).post(there, {"registered_on": "2026-11-01"}, follow=True)
    assert "SEALING_KEY" in text(page)


def test_the_settings_are_used_until_there_is_a_key_here(
    db: None, altinn: Altinn, agent: SystemUser
) -> None:
    with connect.end_user(agent) as api:
        assert api.parties()
    assert connect.vendor_in_use().client_id == altinn.credentials()["client_id"]


def test_a_key_is_made_uploaded_tried_and_switched_on_the_pages(
    in_use: VendorKey, altinn: Altinn, admin: User, browse: Browse
) -> None:
    browser = browse(admin)
    browser.post(reverse("clients:setup-key-make"))
    following = VendorKey.objects.get(state=State.NEXT)
    altinn.post("/keys", following.public_jwk)
    day = {"registered_on": "2026-11-02"}
    page = browser.post(reverse("clients:setup-key-test", args=[following.pk]), day, follow=True)
    assert "Nøkkelen virker" in text(page)
    there = reverse("clients:setup-key-switch", args=[following.pk])
    assert "Bytte nøkkel?" in text(browser.get(there))

    assert "i bruk" in text(browser.post(there, follow=True))

    following.refresh_from_db()
    assert (following.state, following.registered_on) == (State.CURRENT, date(2026, 11, 2))


def test_an_uploaded_key_that_is_public_is_refused_and_never_shown_back(
    vendor: VendorClient, jwk: str, admin: User, browse: Browse
) -> None:
    there = reverse("clients:setup-key-upload")

    public = browse(admin).post(there, {"jwk": changed(jwk, d=None)})
    weak = browse(admin).post(there, {"jwk": weak_jwk()})

    assert public.status_code == weak.status_code == 422
    assert "offentlige delen" in text(public)
    assert "for kort" in text(weak)
    assert json.loads(jwk)["n"][:20] not in text(public)
    assert not VendorKey.objects.exists()


@pytest.mark.parametrize("day", ["", "i går", "2999-01-01"])
def test_a_day_that_makes_no_sense_tries_nothing(
    day: str, registered: VendorKey, admin: User, browse: Browse
) -> None:
    there = reverse("clients:setup-key-test", args=[registered.pk])

    browse(admin).post(there, {"registered_on": day})

    registered.refresh_from_db()
    assert registered.tested_at is None
