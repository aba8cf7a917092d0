"""What administrators see and decide about subscriptions and sensitive mail."""

from datetime import datetime, timedelta

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients.keeping import categories
from clients.models import (
    Access,
    Category,
    Client,
    Party,
    Subscription,
    SystemUser,
    WatchedService,
)
from staff.models import AuditEntry, Team, User
from tests.clients.conftest import Browse

RESOURCE = "urn:altinn:resource:skd-mva"
State = Subscription.State
PAGE = "/systembrukere/abonnementer/"


def text(response: object) -> str:
    return " ".join(response.content.decode().split())  # type: ignore[attr-defined]


@pytest.fixture
def subscribed(bakeren: Client, regnskap: SystemUser, now: datetime) -> Access:
    access = Access.objects.create(
        system_user=regnskap, party=Party.objects.get(client=bakeren), found_at=now
    )
    for n, state in enumerate(State):
        Subscription.objects.create(
            access=access,
            resource=f"{RESOURCE}{n}",
            state=state,
            wanted_at=now,
            refused_at=now if state == State.REFUSED else None,
        )
    return access


@pytest.fixture
def health(db: None) -> Category:
    return Category.objects.get(name="Helse og sykefravær")


def test_the_page_counts_what_works_and_what_does_not(
    admin: User, subscribed: Access, browse: Browse
) -> None:
    page = text(browse(admin).get(PAGE))

    counts = {"I drift": 1, "Venter": 2, "Leses jevnlig": 1, "Stanset": 1}
    assert " ".join(f"<dt>{name}</dt> <dd>{n}</dd>" for name, n in counts.items()) in page
    assert f"{RESOURCE}3" in page, "the one that refused"
    assert "Får ny adresse" not in page


def test_it_tells_that_addresses_are_being_renewed(
    admin: User, subscribed: Access, browse: Browse
) -> None:
    Subscription.objects.filter(state=State.VALIDATED).update(address="earlier")

    assert "Får ny adresse: 0 underveis, 1 på en gammel" in text(browse(admin).get(PAGE))


@pytest.mark.parametrize("typed", ["skd-mva", f" {RESOURCE.upper()} "])
def test_a_service_is_put_on_the_list_and_taken_off_after_a_question(
    admin: User, browse: Browse, typed: str
) -> None:
    browser = browse(admin)

    assert browser.post(PAGE, {"tjeneste": typed}).status_code == 302
    service = WatchedService.objects.get()
    assert service.resource == RESOURCE
    assert "står allerede på listen" in text(browser.post(PAGE, {"tjeneste": typed}))
    remove = reverse("clients:watched-remove", args=[service.pk])
    assert "Ta tjenesten av listen?" in text(browser.get(remove))
    assert WatchedService.objects.exists()
    browser.post(remove)

    assert not WatchedService.objects.exists()
    acts = AuditEntry.objects.filter(actor=admin).order_by("pk").values_list("act", "about")
    assert list(acts) == [
        ("service watched", f"service {RESOURCE}"),
        ("service not watched", f"service {RESOURCE}"),
    ]


@pytest.mark.parametrize("typed", ["", "skd mva", "urn:altinn:resource:", "<b>", "å"])
def test_what_cannot_be_a_service_is_refused(admin: User, browse: Browse, typed: str) -> None:
    assert browse(admin).post(PAGE, {"tjeneste": typed}).status_code == 422
    assert not WatchedService.objects.exists()


def test_a_service_that_refused_is_asked_again(
    admin: User, subscribed: Access, browse: Browse
) -> None:
    response = browse(admin).post(
        reverse("clients:subscriptions-again"), {"tjeneste": f"{RESOURCE}3"}, follow=True
    )

    assert "Spørres igjen for 1 enhet." in text(response)
    assert not Subscription.objects.filter(state=State.REFUSED).exists()
    assert AuditEntry.objects.get(actor=admin).act == "subscriptions asked again"


def test_nobody_else_sees_or_changes_any_of_it(
    kari: User, ola: User, leder: User, bakeren: Client, subscribed: Access, browse: Browse
) -> None:
    service = WatchedService.objects.create(resource=RESOURCE, added_at=bakeren.added_at)
    addresses = [
        PAGE,
        reverse("clients:watched-remove", args=[service.pk]),
        reverse("clients:subscriptions-again"),
        reverse("dialogs:client-categories", args=[bakeren.pk]),
    ]
    for user in (kari, ola, leder):
        for address in addresses:
            data = {"tjeneste": f"{RESOURCE}3"}
            assert browse(user).post(address, data).status_code == 403, address
            assert browse(user).get(address).status_code in {403, 405}, address
    assert WatchedService.objects.count() == 1
    assert Subscription.objects.filter(state=State.REFUSED).exists()


def post_readers(
    browser: Browser, client: Client, category: Category, users: list[User], *, limit: bool = True
) -> int:
    data: dict[str, object] = {f"lesere-{category.pk}": [user.pk for user in users]}
    if limit:
        data[f"begrens-{category.pk}"] = "on"
    address = reverse("dialogs:client-categories", args=[client.pk])
    return browser.post(address, data).status_code


def test_a_category_is_kept_for_some_and_opened_again(
    admin: User, kari: User, bakeren: Client, health: Category, browse: Browse
) -> None:
    browser = browse(admin)
    tab = reverse("dialogs:client-access", args=[bakeren.pk])
    assert text(browser.get(tab)).count("Alle som ser klienten") == 3

    assert post_readers(browser, bakeren, health, [kari]) == 302

    assert categories.readers_at(bakeren)[health] == [kari]
    page = text(browse(kari).get(tab))
    assert "<dt>Helse og sykefravær</dt> <dd>Kari Hansen</dd>" in page
    assert "Endre hvem som kan lese" not in page
    log = text(browser.get(reverse("dialogs:client-log", args=[bakeren.pk])))
    said = "endret hvem som kan lese: Helse og sykefravær fra alle som ser klienten til Kari Hansen"
    assert said in log
    assert post_readers(browser, bakeren, health, [], limit=False) == 302
    assert categories.readers_at(bakeren)[health] is None
    assert AuditEntry.objects.filter(act=categories.CHANGED).count() == 2
    post_readers(browser, bakeren, health, [], limit=False)
    assert AuditEntry.objects.filter(act=categories.CHANGED).count() == 2


def test_a_category_that_nobody_could_read_is_refused(
    admin: User, ola: User, bakeren: Client, health: Category, browse: Browse
) -> None:
    assert post_readers(browse(admin), bakeren, health, []) == 422
    assert post_readers(browse(admin), bakeren, health, [ola]) == 422, "Ola does not see the client"
    assert not bakeren.category_restrictions.exists()


def test_those_who_see_a_client_are_offered(
    admin: User, leder: User, kari: User, ola: User, bakeren: Client, now: datetime
) -> None:
    assert set(categories.those_who_see(bakeren)) == {admin, leder, kari}
    bakeren.team = Team.objects.create(name="Bygg")
    bakeren.save()
    ola.teams.add(bakeren.team)
    assert set(categories.those_who_see(bakeren)) == {admin, leder, kari, ola}
    User.objects.filter(pk=leder.pk).update(is_active=False)
    assert leder not in categories.those_who_see(bakeren)


def test_it_is_said_that_nothing_is_left_for_others(
    admin: User, bakeren: Client, browse: Browse
) -> None:
    page = text(browse(admin).get(reverse("dialogs:client-categories", args=[bakeren.pk])))

    assert "finnes ikke for andre" in page


def test_a_substitute_is_named_and_sees_the_client(
    admin: User, kari: User, ola: User, bakeren: Client, browse: Browse, now: datetime
) -> None:
    browser, address = browse(admin), reverse("clients:edit", args=[bakeren.pk])

    browser.post(address, {"name": "Bakeren AS", "responsible": kari.pk, "substitute": ola.pk})

    bakeren.refresh_from_db()
    assert bakeren.substitute == ola
    page = text(browse(ola).get(reverse("dialogs:client", args=[bakeren.pk])))
    assert "<dt>Stedfortreder</dt> <dd>Ola Berg</dd>" in page
    log = text(browser.get(reverse("dialogs:client-log", args=[bakeren.pk])))
    assert "stedfortreder fra ingen til Ola Berg" in log
    today = now.date()
    kari.absences.create(from_on=today, to_on=today + timedelta(days=3))
    page = text(browse(ola).get(reverse("dialogs:client", args=[bakeren.pk])))
    assert "spør Ola Berg" in page
    ola.absences.create(from_on=today, to_on=today)
    page = text(browse(ola).get(reverse("dialogs:client", args=[bakeren.pk])))
    assert "borte til" in page
    assert "spør Ola Berg" not in page


def test_the_one_an_absent_colleague_has_named_is_asked_first(
    kari: User, ola: User, admin: User, bakeren: Client, browse: Browse, now: datetime
) -> None:
    Client.objects.filter(pk=bakeren.pk).update(substitute=ola)
    kari.absences.create(from_on=now.date(), to_on=now.date(), substitute=admin)

    page = text(browse(kari).get(reverse("dialogs:client", args=[bakeren.pk])))

    assert f"spør {admin.name}" in page
