"""What the firm knows of its services: guides, areas and checklists."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone

from clients.models import ServiceArea
from dialogs.models import ChecklistStep, Dialog, Note, NoteVersion, Service, ServiceOwner
from dialogs.notes import actions, services
from staff.models import AuditEntry, User


@pytest.fixture
def managers(leder: User, logged_in: Callable[[User], Browser]) -> Browser:
    return logged_in(leder)


@pytest.fixture
def service(dialog: Dialog) -> Service:
    return dialog.service


@pytest.fixture
def steps(service: Service, leder: User) -> list[ChecklistStep]:
    now = timezone.now()
    return [services.add_step(service, text, actor=leder, now=now) for text in ("Én", "To", "Tre")]


def shown(browser: Browser, address: str) -> str:
    return " ".join(browser.get(address).content.decode().split())


def in_order(service: Service) -> list[str]:
    steps = ChecklistStep.objects.filter(service=service, retired_at=None)
    return list(steps.values_list("text", flat=True))


def guide(browser: Browser, service: Service, text: str, version: str, **more: Any) -> Any:
    address = f"/tjenester/{service.pk}/veiledning/"
    return browser.post(address, {"text": text, "version": version}, **more)


def test_everybody_reads_of_a_service_and_sees_no_dialog_there(
    olas: Browser, leder: User, service: Service, steps: list[ChecklistStep], dialog: Dialog
) -> None:
    actions.write_guide(service, "Hent tall fra lønn", seen="", actor=leder, now=timezone.now())
    page = shown(olas, f"/tjenester/{service.pk}/")
    assert "Hent tall fra lønn" in page
    assert "Tre" in page
    assert "Mva-melding 4. termin" not in page
    assert "Bakeren" not in page
    assert 'action="/tjenester' not in page
    assert 'action="/punkter' not in page
    assert dialog.service == service


@pytest.mark.parametrize("who", ["kari", "ola"])
def test_only_managers_change_what_is_known(
    who: str,
    service: Service,
    steps: list[ChecklistStep],
    logged_in: Callable[[User], Browser],
    request: pytest.FixtureRequest,
) -> None:
    browser = logged_in(request.getfixturevalue(who))
    area = ServiceArea.objects.create(name="Egen")
    done = AuditEntry.objects.exclude(act="access refused")
    before = done.count()

    assert browser.get(f"/tjenester/{service.pk}/veiledning/").status_code == 403
    for address, data in {
        f"/tjenester/{service.pk}/veiledning/": {"text": "Mitt"},
        f"/tjenester/{service.pk}/fagomrade/": {"area": area.pk},
        f"/tjenester/{service.pk}/punkter/": {"text": "Mitt"},
        f"/punkter/{steps[0].pk}/": {"text": "Mitt"},
        "/fagomrader/": {"name": "Mitt"},
        f"/fagomrader/{area.pk}/": {"name": "Mitt"},
    }.items():
        assert browser.post(address, data).status_code == 403, address
    assert done.count() == before
    assert in_order(service) == ["Én", "To", "Tre"]


def test_a_guide_is_written_changed_and_taken_away(
    managers: Browser, leder: User, admin: User, service: Service, logged_in: Any
) -> None:
    assert guide(managers, service, "Første utgave", "").status_code == 302
    note = Note.objects.get(service=service)
    assert (note.is_pinned, note.author) == (True, leder)

    admins = logged_in(admin)
    guide(admins, service, "Andre utgave", actions.version_of(note))
    page = shown(managers, f"/tjenester/{service.pk}/")
    assert "Andre utgave" in page
    assert "redigert i dag kl." in page
    assert NoteVersion.objects.get().changed_by == admin
    assert "Første utgave" in shown(managers, f"/notater/{note.pk}/versjoner/")

    note.refresh_from_db()
    guide(managers, service, "", actions.version_of(note))
    assert actions.guide_of(service) is None
    assert "Ingen veiledning ennå." in shown(managers, f"/tjenester/{service.pk}/")
    acts = AuditEntry.objects.filter(about=f"service {service.pk}").order_by("pk")
    assert list(acts.values_list("act", flat=True)) == ["note.added", "note.edited", "note.deleted"]
    assert all(entry.detail == {"note": note.pk} for entry in acts)


def test_two_managers_who_write_at_once_lose_nothing(
    managers: Browser, admin: User, service: Service
) -> None:
    actions.write_guide(service, "Den andres", seen="", actor=admin, now=timezone.now())

    response = guide(managers, service, "Min", "")

    assert response.status_code == 409
    page = response.content.decode()
    assert "Den andres" in page
    assert "Min</textarea>" in page
    theirs = actions.guide_of(service)
    assert theirs is not None
    assert theirs.text == "Den andres"
    assert f'value="{actions.version_of(theirs)}"' in page
    assert guide(managers, service, "Min", actions.version_of(theirs)).status_code == 302


def test_a_guide_that_was_taken_away_meanwhile_can_be_written_again(
    managers: Browser, admin: User, service: Service
) -> None:
    actions.write_guide(service, "Gammel", seen="", actor=admin, now=timezone.now())
    seen = actions.version_of(actions.guide_of(service))
    actions.write_guide(service, "", seen=seen, actor=admin, now=timezone.now())

    response = guide(managers, service, "Min", seen)
    assert response.status_code == 409
    assert "ble slettet mens du skrev" in response.content.decode()
    assert guide(managers, service, "Min", "").status_code == 302


def test_a_guide_is_not_changed_as_if_it_were_a_note(
    managers: Browser, leder: User, service: Service
) -> None:
    actions.write_guide(service, "Vår", seen="", actor=leder, now=timezone.now())
    note = Note.objects.get()
    for act in ("rediger", "slett", "fest"):
        assert managers.post(f"/notater/{note.pk}/{act}/", {"text": "x"}).status_code == 404
    note.refresh_from_db()
    assert (note.text, note.is_pinned) == ("Vår", True)


def test_steps_are_added_reworded_moved_retired_and_taken_back(
    managers: Browser, service: Service
) -> None:
    for text in ("Hent tall", "Avstem", "Send"):
        response = managers.post(f"/tjenester/{service.pk}/punkter/", {"text": text})
        assert response.status_code == 302
    one, two, three = ChecklistStep.objects.filter(service=service)

    def act(step: ChecklistStep, gjor: str, text: str = "") -> Any:
        return managers.post(f"/punkter/{step.pk}/", {"gjor": gjor, "text": text or step.text})

    act(three, "opp")
    assert in_order(service) == ["Hent tall", "Send", "Avstem"]
    act(one, "ned")
    assert in_order(service) == ["Send", "Hent tall", "Avstem"]
    act(three, "opp")
    assert in_order(service) == ["Send", "Hent tall", "Avstem"], "the first stays the first"
    act(two, "lagre", "Avstem mot banken")
    assert in_order(service) == ["Send", "Hent tall", "Avstem mot banken"]
    act(one, "fjern")
    assert in_order(service) == ["Send", "Avstem mot banken"]
    assert "1 fjernet punkt" in shown(managers, f"/tjenester/{service.pk}/")
    act(one, "hent")
    assert set(in_order(service)) == {"Send", "Hent tall", "Avstem mot banken"}
    acts = set(
        AuditEntry.objects.filter(about=f"service {service.pk}").values_list("act", flat=True)
    )
    assert acts == {
        f"service.step_{what}" for what in ("added", "moved", "reworded", "retired", "restored")
    }


def test_the_focus_stays_with_the_step_that_was_moved(
    managers: Browser, service: Service, steps: list[ChecklistStep]
) -> None:
    response = managers.post(f"/punkter/{steps[2].pk}/", {"gjor": "opp"})
    anchor = f"opp-{steps[2].pk}"
    assert response.headers["Location"] == f"/tjenester/{service.pk}/#{anchor}"
    assert f'id="{anchor}"' in shown(managers, f"/tjenester/{service.pk}/")


@pytest.mark.parametrize("text", ["", "x" * 201])
def test_a_step_that_cannot_be_saved_is_explained(
    managers: Browser, service: Service, steps: list[ChecklistStep], text: str
) -> None:
    added = managers.post(f"/tjenester/{service.pk}/punkter/", {"text": text})
    changed = managers.post(f"/punkter/{steps[0].pk}/", {"gjor": "lagre", "text": text})
    for response in (added, changed):
        assert response.status_code == 422
        assert 'aria-invalid="true"' in response.content.decode()
    assert in_order(service) == ["Én", "To", "Tre"]


def test_a_services_area_is_set_and_written_down(managers: Browser, service: Service) -> None:
    area = ServiceArea.objects.create(name="Egne saker")
    managers.post(f"/tjenester/{service.pk}/fagomrade/", {"area": area.pk})
    service.refresh_from_db()
    assert service.area == area
    entry = AuditEntry.objects.get(act="service.area_set")
    assert entry.detail == {"before": None, "after": "Egne saker"}
    managers.post(f"/tjenester/{service.pk}/fagomrade/", {"area": ""})
    service.refresh_from_db()
    assert service.area is None
    assert managers.post(f"/tjenester/{service.pk}/fagomrade/", {"area": "0"}).status_code == 422


def test_services_are_found_by_name_owner_and_area(
    olas: Browser, leder: User, service: Service
) -> None:
    nav = ServiceOwner.objects.create(code="nav", name="Nav")
    area = ServiceArea.objects.create(name="Sykefravær")
    other = Service.objects.create(
        urn="urn:altinn:resource:nav-im", name="Inntektsmelding", owner=nav, area=area
    )
    actions.write_guide(other, "Slik", seen="", actor=leder, now=timezone.now())
    services.add_step(other, "Ett", actor=leder, now=timezone.now())

    assert "2 tjenester" in shown(olas, "/tjenester/")
    for query in ("q=inntekt", "q=Nav", "q=nav-im", f"omrade={area.pk}"):
        page = shown(olas, f"/tjenester/?{query}")
        assert "1 tjeneste" in page, query
        assert "Inntektsmelding" in page
        assert "1 punkt<" in page.replace(" <", "<")
        assert "Skrevet" in page
    assert "Inntektsmelding" not in shown(olas, "/tjenester/?omrade=ingen")
    assert "Ingen tjenester passer med søket." in shown(olas, "/tjenester/?q=finnes-ikke")
    assert olas.get("/tjenester/?omrade=²&side=x&q=%00").status_code == 200
    assert olas.get("/tjenester/999/").status_code == 404


def test_hundreds_of_services_are_listed_page_by_page_in_few_statements(
    olas: Browser, service: Service, django_assert_max_num_queries: Any
) -> None:
    Service.objects.bulk_create(
        [
            Service(urn=f"urn:altinn:resource:t{n}", name=f"Tjeneste {n:03}", owner=service.owner)
            for n in range(300)
        ]
    )
    with django_assert_max_num_queries(10):
        page = shown(olas, "/tjenester/?side=2")
    assert "301 tjenester" in page
    assert "Tjeneste 049" in page
    assert "Side 2 av 7" in page


def test_areas_are_added_renamed_and_moved(managers: Browser, olas: Browser) -> None:
    ServiceArea.objects.all().delete()
    for name in ("Lønn", "Mva"):
        assert managers.post("/fagomrader/", {"name": name}).status_code == 302
    salary, vat = ServiceArea.objects.all()
    managers.post(f"/fagomrader/{vat.pk}/", {"gjor": "opp", "name": "Mva"})
    managers.post(f"/fagomrader/{salary.pk}/", {"gjor": "lagre", "name": "Lønn og personal"})

    assert [area.name for area in ServiceArea.objects.all()] == ["Mva", "Lønn og personal"]
    acts = AuditEntry.objects.order_by("pk").values_list("act", flat=True)
    assert list(acts) == ["area.added", "area.added", "area.moved", "area.renamed"]
    page = shown(olas, "/fagomrader/")
    assert page.index("Mva") < page.index("Lønn og personal")
    assert "<form method" not in page.split("<main")[1]


def test_two_areas_cannot_have_the_same_name(managers: Browser) -> None:
    ServiceArea.objects.all().delete()
    managers.post("/fagomrader/", {"name": "Lønn"})
    managers.post("/fagomrader/", {"name": "Mva"})
    refused = managers.post("/fagomrader/", {"name": "lønn"})
    assert refused.status_code == 422
    assert "Fagområdet finnes allerede." in refused.content.decode()
    vat = ServiceArea.objects.get(name="Mva")
    refused = managers.post(f"/fagomrader/{vat.pk}/", {"gjor": "lagre", "name": "LØNN"})
    assert refused.status_code == 422
    assert (
        managers.post(f"/fagomrader/{vat.pk}/", {"gjor": "lagre", "name": "mva"}).status_code == 302
    )
