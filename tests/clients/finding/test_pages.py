"""The pages for finding and importing clients: administrators only, and nothing without asking."""

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.urls import reverse
from openpyxl import load_workbook

import portal.celery
from clients.finding import discovery, importing
from clients.models import (
    Candidate,
    Client,
    ClientImport,
    Discovery,
    Firm,
    ImportLine,
    ServiceArea,
    SystemUser,
)
from staff.models import Team, User
from tests.clients.conftest import Browse, Queue
from tests.clients.finding.conftest import (
    BAKEREN,
    FISKEREN,
    Known,
    begun,
    numbers,
    run_whole,
    uploaded,
)
from tests.stand_in import Altinn

IMPORTS, FINDING = reverse("clients:imports"), reverse("clients:finding")
PAGES = [
    ("get", "imports", []),
    ("post", "imports", []),
    ("get", "import", [1]),
    ("post", "import-accept", [1]),
    ("post", "import-main-units", [1]),
    ("get", "import-wrong", [1, "csv"]),
    ("get", "import-model", ["csv"]),
    ("get", "finding", []),
    ("post", "finding-search", []),
    ("post", "finding-take", []),
    ("get", "finding-export", ["csv"]),
    ("get", "candidate", [BAKEREN]),
]


@pytest.fixture
def admins(admin: User, browse: Browse) -> Browser:
    return browse(admin)


@pytest.fixture(autouse=True)
def eager() -> Iterator[None]:
    portal.celery.app.conf.task_always_eager = True  # `delay` runs at once
    yield
    portal.celery.app.conf.task_always_eager = False


def text(response: Any) -> str:
    found: str = response.content.decode()
    return found


@pytest.mark.parametrize(("method", "name", "args"), PAGES)
@pytest.mark.parametrize("who", ["ola", "leder"])
def test_only_administrators_may(
    who: str, method: str, name: str, args: list[Any], browse: Browse, admin: User,
    now: datetime, request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    job = begun(f"Org.nr.\n{BAKEREN}\n", admin, now)
    found(BAKEREN)
    args = [job.pk if arg == 1 else arg for arg in args]
    browser = browse(request.getfixturevalue(who))

    response = getattr(browser, method)(reverse(f"clients:{name}", args=args), {"orgnr": BAKEREN})

    assert response.status_code == 403
    assert not Client.objects.exists()
    assert ClientImport.objects.count() == 1
    assert not Discovery.objects.exists()


def upload(browser: Browser, content: str | bytes, name: str = "liste.csv") -> Any:
    return browser.post(IMPORTS, {"file": uploaded(content, name)})


def test_a_file_is_looked_over_and_then_imported(
    admins: Browser, known: Known, queue: Queue
) -> None:
    response = upload(admins, f"Org.nr.;Kundenr.\n{known.mains[0]};1\n{known.mains[1]};2\n12;3\n")
    job = ClientImport.objects.get()
    assert response.url == reverse("clients:import", args=[job.pk])
    page = text(admins.get(f"{response.url}?vis=alle"))
    assert "Importer 2 klienter" in page
    assert "Et organisasjonsnummer har ni siffer" in page
    assert known.names[known.mains[0]] in page or "GOOD" not in page
    assert "Disse kolonnene er ikke brukt: Kundenr.." in page or "Kundenr." in page
    assert not Client.objects.exists()

    admins.post(reverse("clients:import-accept", args=[job.pk]))

    assert Client.objects.count() == 2
    assert queue.readings == 1
    assert "2 klienter er registrert" in text(admins.get(response.url))


def test_pasted_numbers_are_imported_with_the_registers_names(
    admins: Browser, known: Known
) -> None:
    admins.post(IMPORTS, {"text": f"NO {known.mains[0]} MVA\n{known.mains[1]}"})
    admins.post(reverse("clients:import-accept", args=[ClientImport.objects.get().pk]))

    assert {c.name for c in Client.objects.all()} == {known.names[n] for n in known.mains[:2]}


@pytest.mark.parametrize(
    ("sent", "says"),
    [
        ({}, "Velg en fil, eller lim inn numre"),
        ({"text": "  \n "}, "Velg en fil, eller lim inn numre"),
        ({"text": "310495921", "file": "Org.nr.\n310495921"}, "Ikke begge deler"),
        ({"file": ""}, "Filen er tom"),
        ({"file": "Org.nr.;Navn\n"}, "Listen har overskrifter, men ingen linjer"),
        ({"file": "1" * (5 * 1024 * 1024 + 1)}, "større enn 5 MB"),
    ],
)
def test_what_is_no_list_is_said_on_the_form(
    sent: dict[str, str], says: str, admins: Browser
) -> None:
    data: dict[str, str | SimpleUploadedFile] = dict(sent)
    if "file" in sent:
        data["file"] = uploaded(sent["file"])

    response = admins.post(IMPORTS, data)

    assert response.status_code == 422
    assert says in text(response)
    assert not ClientImport.objects.exists()


@pytest.fixture
def job(known: Known, admin: User, now: datetime) -> ClientImport:
    lines = [known.mains[0], known.sub, numbers(1)[0], "12", f"{known.mains[1]};=cmd|' /C calc'!A0"]
    return run_whole(begun("Org.nr.;Navn\n" + "\n".join(lines), admin, now), now)


def test_what_is_wrong_is_shown_first_and_can_be_narrowed(
    admins: Browser, job: ClientImport
) -> None:
    address = reverse("clients:import", args=[job.pk])

    assert len(admins.get(address).context["rows"]) == 3
    assert len(admins.get(address, {"vis": "alle"}).context["rows"]) == 5
    [row] = admins.get(address, {"vis": "alle", "feil": "unknown"}).context["rows"]
    assert row.line.number == 4
    assert len(admins.get(address, {"vis": "tull", "feil": "tull"}).context["rows"]) == 3


def test_what_was_wrong_is_downloaded_and_comes_back(admins: Browser, job: ClientImport) -> None:
    response = admins.get(reverse("clients:import-wrong", args=[job.pk, "csv"]))

    assert "attachment" in response["Content-Disposition"]
    lines = response.content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Organisasjonsnummer;Navn;Linje;Feil"
    assert [line.split(";")[2] for line in lines[1:]] == ["3", "4", "5"]
    assert "underenhet" in lines[1]

    upload(admins, response.content)
    again = ClientImport.objects.latest("pk")
    assert again.lines.count() == 3
    assert again.columns == ["orgnr", "name"]


def test_the_downloaded_list_holds_no_formula(admins: Browser, admin: User, now: datetime) -> None:
    bad = begun("Org.nr.;Navn\n12;=cmd|x\n", admin, now)

    csv = admins.get(reverse("clients:import-wrong", args=[bad.pk, "csv"])).content.decode()
    assert "12;'=cmd|x;" in csv
    xlsx = admins.get(reverse("clients:import-wrong", args=[bad.pk, "xlsx"])).content
    cell = load_workbook(io.BytesIO(xlsx)).active["B2"]  # type: ignore[index]
    assert (cell.data_type, cell.value) == ("s", "=cmd|x")


def test_other_kinds_of_file_there_are_not(admins: Browser, job: ClientImport) -> None:
    assert admins.get(reverse("clients:import-wrong", args=[job.pk, "pdf"])).status_code == 404


def test_the_empty_list_is_understood(admins: Browser, mva: ServiceArea) -> None:
    response = admins.get(reverse("clients:import-model", args=["csv"]))

    headings = response.content.decode("utf-8-sig").strip().split(";")
    assert headings[:4] == ["Organisasjonsnummer", "Navn", "Klientansvarlig", "Team"]
    assert mva.name in headings
    upload(admins, ";".join(headings) + "\n12" + ";" * (len(headings) - 1))
    assert ClientImport.objects.get().ignored == []


def test_one_sub_unit_is_made_its_main_unit(
    admins: Browser, known: Known, admin: User, now: datetime
) -> None:
    job = run_whole(begun(f"Org.nr.\n{known.sub}\n", admin, now), now)
    address = reverse("clients:import", args=[job.pk])
    assert f"Bruk hovedenheten: {known.names[known.mains[0]]}" in text(admins.get(address))

    admins.post(reverse("clients:import-main-units", args=[job.pk]), {"linje": "2"})

    assert job.lines.get().orgnr == known.mains[0]
    assert "Importer 1 klient" in text(admins.get(address))


def test_how_far_it_has_come_is_told_until_it_is_done(
    admins: Browser, admin: User, known: Known, now: datetime
) -> None:
    job = begun(f"Org.nr.\n{known.mains[0]}\n12\n", admin, now)
    address = reverse("clients:import", args=[job.pk])

    part = admins.get(address, headers={"HX-Request": "true"})
    assert "1 av 2 linjer" in text(part)
    assert "<html" not in text(part)
    assert "1 av 2 linjer" in text(admins.get(address))
    run_whole(job, now)
    part = admins.get(address, headers={"HX-Request": "true"})
    assert part["HX-Refresh"] == "true"


def test_lists_from_before_are_found_again(admins: Browser, job: ClientImport) -> None:
    assert reverse("clients:import", args=[job.pk]) in text(admins.get(IMPORTS))


# Finding


def found(orgnr: str, state: str = "READY", reason: str = "ready", **more: Any) -> Candidate:
    made: Candidate = Candidate.objects.create(
        **{
            "orgnr": orgnr, "name": f"Firma {orgnr}", "state": state, "reason": reason,
            "detail": {"system_users": ["Regnskap"]},
        } | more
    )  # fmt: skip
    return made


@pytest.fixture
def three(db: None, now: datetime) -> list[Candidate]:
    Firm.objects.create(orgnr="923609016", name="Fjordbygg Regnskap AS")
    return [
        found(BAKEREN, name="Bakeren AS", judged_at=now),
        found(FISKEREN, "NO_ROLE", "no_role", name="Fisker'n AS",
              unit={"email": "post@fiskern.example"}, judged_at=now),
        found(numbers(1)[0], "ENDED", "bankrupt", name="Slutt AS"),
    ]  # fmt: skip


def test_those_found_are_counted_by_state(admins: Browser, three: list[Candidate]) -> None:
    response = admins.get(FINDING)

    counts = {state: number for state, _text, number, _color in response.context["states"]}
    assert counts == {
        "SEES_ALL": 0, "PARTLY": 0, "READY": 1, "PACKAGE": 0, "NO_ROLE": 1, "ENDED": 1,
    }  # fmt: skip
    assert "Fjordbygg Regnskap AS er ikke registrert som regnskapsfører" in text(response)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("tilstand=NO_ROLE", ["Fisker'n AS"]),
        ("q=bak", ["Bakeren AS"]),
        ("q=313 170", ["Fisker'n AS"]),
        ("vis=klienter", ["Bakeren AS"]),
        ("vis=nye&tilstand=ENDED", ["Slutt AS"]),
        ("q=ingen", []),
    ],
)
def test_those_found_are_filtered(
    query: str, names: list[str], admins: Browser, three: list[Candidate], bakeren: Client
) -> None:
    rows = admins.get(f"{FINDING}?{query}").context["rows"]

    assert [row.candidate.name for row in rows] == names


def test_a_client_is_not_offered_again_and_a_bankrupt_one_never(
    admins: Browser, three: list[Candidate], bakeren: Client
) -> None:
    rows = {row.candidate.name: row for row in admins.get(FINDING).context["rows"]}

    assert [name for name, row in rows.items() if row.may_be_taken] == ["Fisker'n AS"]
    taken = {"orgnr": [three[0].orgnr, three[2].orgnr]}
    assert admins.post(reverse("clients:finding-take"), taken).status_code == 422
    assert Client.objects.count() == 1


def test_those_picked_are_made_clients(
    admins: Browser, three: list[Candidate], kari: User, queue: Queue
) -> None:
    vest = Team.objects.create(name="Vest")
    wish = {"orgnr": [BAKEREN], "responsible": kari.pk, "team": vest.pk}

    response = admins.post(reverse("clients:finding-take"), wish, follow=True)

    client = Client.objects.get()
    assert (client.orgnr, client.responsible, client.team) == (BAKEREN, kari, vest)
    assert client.parties.get().orgnr == BAKEREN
    assert queue.readings == 1
    assert "1 klient er registrert" in text(response)


def test_all_that_fit_the_filters_are_made_clients(admins: Browser, three: list[Candidate]) -> None:
    admins.post(f"{reverse('clients:finding-take')}?tilstand=NO_ROLE", {"everyone": "on"})

    assert list(Client.objects.values_list("orgnr", flat=True)) == [FISKEREN]


def test_many_are_made_clients_in_the_background(admins: Browser, db: None) -> None:
    for orgnr in numbers(30):
        found(orgnr)

    response: Any = admins.post(reverse("clients:finding-take"), {"everyone": "on"})

    job = ClientImport.objects.get()
    assert response.url == reverse("clients:import", args=[job.pk])
    assert Client.objects.count() == 30


def test_nothing_picked_is_said(admins: Browser, three: list[Candidate]) -> None:
    response = admins.post(reverse("clients:finding-take"), {})

    assert response.status_code == 422
    assert "Velg minst én i listen" in text(response)


def test_a_client_that_must_act_has_an_email_ready(
    admins: Browser, admin: User, three: list[Candidate]
) -> None:
    page = text(admins.get(reverse("clients:candidate", args=[FISKEREN])))

    assert "mailto:post@fiskern.example?subject=" in page
    assert "Samordnet registermelding" in page
    assert admin.name in page
    ready = text(admins.get(reverse("clients:candidate", args=[BAKEREN])))
    assert "mailto:" not in ready
    assert "Registrer som klient" in ready


def test_one_nobody_has_found_is_not_there(admins: Browser, db: None) -> None:
    assert admins.get(reverse("clients:candidate", args=[BAKEREN])).status_code == 404


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_list_is_exported_with_the_emails(
    kind: str, admins: Browser, three: list[Candidate]
) -> None:
    found(numbers(2)[1], name="=2+5")
    response = admins.get(reverse("clients:finding-export", args=[kind]), {"q": ""})

    if kind == "csv":
        content = response.content.decode("utf-8-sig")
        assert content.startswith("Organisasjonsnummer;Navn;Tilstand;")
        assert "'=2+5" in content
        assert "post@fiskern.example" in content
        assert "Samordnet registermelding" in content
    else:
        rows = list(load_workbook(io.BytesIO(response.content)).active.iter_rows(values_only=True))  # type: ignore[union-attr]
        assert len(rows) == 5
        assert rows[1][1] == "=2+5"


def test_the_export_obeys_the_filters(admins: Browser, three: list[Candidate]) -> None:
    address = reverse("clients:finding-export", args=["csv"])
    content = admins.get(address, {"tilstand": "ENDED"}).content.decode("utf-8-sig")

    assert "Slutt AS" in content
    assert "Bakeren AS" not in content


def test_a_search_needs_the_firms_number(admins: Browser, db: None) -> None:
    assert "Legg inn firmaets nummer først" in text(admins.get(FINDING))

    response = admins.post(reverse("clients:finding-search"), follow=True)
    assert "Legg inn firmaets organisasjonsnummer først" in text(response)
    assert not Discovery.objects.exists()


def test_a_search_shows_how_far_it_has_come_and_comes_back(
    admins: Browser, admin: User, altinn: Altinn, now: datetime
) -> None:
    firm = altinn.credentials()["firm"]
    Firm.objects.create(orgnr=firm["orgnr"], name=firm["name"])
    begun = discovery.start(actor=admin, now=now)

    part = admins.get(FINDING, headers={"HX-Request": "true"})
    assert "Leser rollene i Enhetsregisteret" in text(part)
    assert "<html" not in text(part)
    assert "Søk på nytt" not in text(admins.get(FINDING))
    while discovery.run(begun.pk, now=now):
        pass
    assert admins.get(FINDING, headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    page = text(admins.get(FINDING))
    assert "Søk på nytt" in page
    assert "Rollen er på plass" in page


def test_what_could_not_be_read_is_said_above_the_list(
    admins: Browser, admin: User, three: list[Candidate], now: datetime
) -> None:
    Discovery.objects.create(
        actor=admin, firm_orgnr="923609016", step="FINISHED", started_at=now, finished_at=now,
        unread=["Lønn ble ikke lest."],
    )  # fmt: skip
    SystemUser.objects.create(name="Regnskap", owner_orgnr="923609016", external_ref="r")

    page = text(admins.get(FINDING))
    assert "Lønn ble ikke lest." in page
    assert "Ingen har logget inn i Altinn og lest hvilke klienter" in page


def test_beat_takes_up_what_was_left(admin: User, known: Known, now: datetime) -> None:
    from clients.finding import tasks

    begun(f"Org.nr.\n{known.mains[0]}\n", admin, now)

    tasks.run_due()

    assert ImportLine.objects.get().outcome == "GOOD"
    assert importing.due(now=now) == []


def test_a_sentence_that_many_share_is_said_once_above_them(admins: Browser) -> None:
    for number in range(4):
        orgnr = f"31000000{number}"
        Candidate.objects.create(
            orgnr=orgnr, name=f"Firma {number}", state="ENDED", reason="bankrupt", detail={}
        )
    Candidate.objects.create(
        orgnr="310000009", name="Firma 9", state="ENDED", reason="dissolving", detail={}
    )

    alone, shared = (
        admins.get(FINDING, asked).content.decode() for asked in ({}, {"tilstand": "ENDED"})
    )

    assert alone.count('class="group"') == 0
    assert shared.count('class="group"') == 1
    assert alone.count("konkurs") - shared.count("konkurs") == 3
    assert shared.index('class="group"') < shared.index("Firma 0") < shared.index("Firma 9")
