"""The pages of the queue: what is ready, the last look, how far it is, and who may not."""

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.adding import diff, sending
from clients.models import AddingItem, AddingRun, Client, SystemUser
from staff.models import User
from tests.clients.adding.conftest import added, outcomes, take_on
from tests.clients.conftest import FIRM, Browse
from tests.stand_in import Altinn

pytestmark = pytest.mark.django_db
OVERVIEW = reverse("clients:adding")
State = AddingRun.State


def text(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]


def at(name: str, thing: AddingRun | SystemUser) -> str:
    return reverse(f"clients:adding-{name}", args=[thing.pk])


@pytest.fixture
def draft(regnskap: SystemUser, admin: User) -> AddingRun:
    run = AddingRun.objects.create(
        system_user=regnskap, started_by=admin, person=admin, created_at=timezone.now()
    )
    uuid = "0195efb8-7c80-7cf2-bcc8-720a3fb39d44"
    AddingItem.objects.create(run=run, party_uuid=uuid, orgnr=FIRM, name="Fisk AS")
    return run


@pytest.mark.parametrize("who", ["kari", "ola", "leder"])
def test_only_an_administrator_sees_or_does_anything(
    who: str, draft: AddingRun, kari: User, ola: User, leder: User, browse: Browse
) -> None:
    browser = browse({"kari": kari, "ola": ola, "leder": leder}[who])
    shown = [
        OVERVIEW,
        at("system-user", draft.system_user),
        at("run", draft),
        reverse("clients:adding-unable", args=[draft.system_user_id, draft.system_user_id]),
        reverse("clients:standard"),
        reverse("clients:standard-ask"),
        reverse("clients:standard-letters"),
    ]
    done = [at(name, draft) for name in ("begin", "pause", "resume", "pace", "cancel", "again")]
    done += [reverse("clients:adding-read"), at("choose", draft.system_user)]
    done += [reverse("clients:standard-ask"), reverse("clients:standard-letters")]

    assert {browser.get(address).status_code for address in shown} == {403}
    assert {browser.post(address, {"per_minute": 60}).status_code for address in done} == {403}
    draft.refresh_from_db()
    assert (draft.state, draft.per_minute) == (State.DRAFT, 120)


def test_all_registered_clients_are_added_in_a_few_presses(
    listed: SystemUser, connected: User, admins: Browser, altinn: Altinn
) -> None:
    ours = take_on(listed, most=5)
    page = text(admins.get(at("system-user", listed)))
    assert "Legg til alle 5 registrerte klienter …" in page
    assert page.count(" checked") == 5

    chosen = admins.post(at("choose", listed), {"hvem": "registrerte", "vis": "klare"})
    run = AddingRun.objects.get()
    look = text(admins.get(chosen["Location"]))
    assert "5 klienter legges til" in look
    assert run.state == State.DRAFT
    assert added(altinn, connected, listed) == set()

    admins.post(at("begin", run), {"per_minute": 600})
    AddingRun.objects.filter(pk=run.pk).update(wait_until_at=None)

    run.refresh_from_db()
    assert run.state == State.FINISHED
    assert run.per_minute == 600
    assert added(altinn, connected, listed) == {client.orgnr for client in ours}
    assert "5 av 5" in text(admins.get(at("run", run)))


def test_only_those_ticked_are_chosen(listed: SystemUser, connected: User, admins: Browser) -> None:
    two = diff.plain(diff.view(listed, diff.READY))[:2]
    body = {"hvem": "valgte", "vis": "klare", "party": [str(one[0]) for one in two]}

    admins.post(at("choose", listed), body)

    run = AddingRun.objects.get()
    assert {item.party_uuid for item in run.items.all()} == {one[0] for one in two}


@pytest.mark.parametrize("body", [{}, {"hvem": "valgte"}, {"hvem": "fra"}, {"hvem": "registrerte"}])
def test_choosing_nobody_is_told(
    body: dict[str, str], listed: SystemUser, connected: User, admins: Browser
) -> None:
    response = admins.post(at("choose", listed), body)

    assert response.status_code == 422
    assert not AddingRun.objects.exists()


def test_removing_asks_and_ticks_nobody_beforehand(
    listed: SystemUser, connected: User, admins: Browser, altinn: Altinn
) -> None:
    take_on(listed, most=2)
    admins.post(at("choose", listed), {"hvem": "registrerte"})
    admins.post(at("begin", AddingRun.objects.get()), {"per_minute": 600})
    page = admins.get(at("system-user", listed), {"vis": "lagt-til"})
    assert " checked" not in text(page)
    uuid = listed.delegation_snapshots.filter(is_added=True)[0].party_uuid

    body = {"hvem": "valgte", "vis": "lagt-til", "party": [str(uuid)]}
    response = admins.post(at("choose", listed), body, follow=True)

    assert "1 klient fjernes" in text(response)
    assert len(added(altinn, connected, listed)) == 2
    run = AddingRun.objects.get(state=State.DRAFT)
    admins.post(at("begin", run), {"per_minute": 600})
    assert len(added(altinn, connected, listed)) == 1


def test_clients_that_left_are_shown_for_removal(
    listed: SystemUser, connected: User, admins: Browser
) -> None:
    ours = take_on(listed, most=2)
    admins.post(at("choose", listed), {"hvem": "registrerte"})
    admins.post(at("begin", AddingRun.objects.get()), {"per_minute": 600})
    Client.objects.filter(pk=ours[0].pk).update(archived_at=timezone.now())

    page = text(admins.get(at("system-user", listed), {"vis": "ukjente"}))

    assert ours[0].name in page
    assert ours[1].name not in page


def test_without_a_sign_in_nothing_begins_and_the_page_says_how(
    draft: AddingRun, admins: Browser
) -> None:
    page = text(admins.get(at("run", draft)))
    assert "Koble til med ID-porten" in page
    assert f"neste={at('run', draft)}" in page.replace("%2F", "/")

    admins.post(at("begin", draft), {"per_minute": 60})
    admins.post(at("resume", draft))

    draft.refresh_from_db()
    assert draft.state == State.DRAFT
    response = admins.post(reverse("clients:adding-read"), follow=True)
    assert "Bare en person får se listene" in text(response)


def test_the_part_that_follows_along_is_asked_for_alone_and_says_when_all_is_another(
    draft: AddingRun, admins: Browser
) -> None:
    AddingRun.objects.update(state=State.RUNNING, started_at=timezone.now())

    part = admins.get(f"{at('run', draft)}?var=RUNNING", headers={"HX-Request": "true"})
    other = admins.get(f"{at('run', draft)}?var=PAUSED", headers={"HX-Request": "true"})

    assert "<html" not in text(part)
    assert 'id="framdrift"' in text(part)
    assert "HX-Refresh" not in part
    assert other["HX-Refresh"] == "true"


def test_pace_pause_and_giving_up(draft: AddingRun, admins: Browser) -> None:
    AddingRun.objects.update(state=State.RUNNING, started_at=timezone.now())

    admins.post(at("pace", draft), {"per_minute": 30})
    admins.post(at("pause", draft))
    draft.refresh_from_db()
    assert (draft.per_minute, draft.state) == (30, State.PAUSED)
    assert admins.post(at("pace", draft), {"per_minute": 7}).status_code == 404
    page = text(admins.get(at("run", draft)))
    assert "Satt på pause" in page
    admins.post(at("cancel", draft))

    draft.refresh_from_db()
    assert draft.state == State.FINISHED
    assert outcomes(draft) == {}


def test_a_draft_that_is_given_up_leaves_nothing(draft: AddingRun, admins: Browser) -> None:
    response = admins.post(at("cancel", draft))

    assert response["Location"] == at("system-user", draft.system_user)
    assert not AddingRun.objects.exists()


def test_what_was_refused_stands_with_its_sentence_and_can_be_tried_again(
    draft: AddingRun, admins: Browser
) -> None:
    AddingRun.objects.update(
        state=State.FINISHED, started_at=timezone.now(), finished_at=timezone.now()
    )
    AddingItem.objects.update(state="REFUSED", code="AUTH-00080", sentence="Mangler en pakke.")

    page = text(admins.get(at("run", draft)))
    assert "Mangler en pakke." in page
    assert "AUTH-00080" in page
    assert "Fisk AS" in page
    response = admins.post(at("again", draft))

    new = AddingRun.objects.get(state=State.DRAFT)
    assert response["Location"] == at("run", new)
    assert sending.due(now=timezone.now()) == []


def test_a_second_choice_leads_to_the_queue_that_is_not_finished(
    listed: SystemUser, connected: User, admins: Browser
) -> None:
    take_on(listed, most=2)
    admins.post(at("choose", listed), {"hvem": "registrerte"})
    run = AddingRun.objects.get()
    AddingRun.objects.update(state=State.PAUSED, started_at=timezone.now())

    response = admins.post(at("choose", listed), {"hvem": "registrerte"})

    assert response["Location"] == at("run", run)


def test_the_overview_lists_agents_and_queues(
    listed: SystemUser, connected: User, admins: Browser
) -> None:
    take_on(listed, most=2)
    admins.post(at("choose", listed), {"hvem": "registrerte"})

    page = text(admins.get(OVERVIEW))

    assert listed.name in page
    assert "Kø: ikke begynt" in page
    assert "Du er koblet til med ID-porten" in page
