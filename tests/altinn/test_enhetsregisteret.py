"""The register's odd answers: the deleted are found, lists are missing, links lead away."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import httpx
import pytest

from altinn.enhetsregisteret import Enhetsregisteret, RoleHolder
from altinn.environment import Environment
from altinn.errors import Misunderstood, NotThere, TryLater

from .conftest import OPAQUE_TOKEN, answering

BAKEREN, SUB_UNIT, GONE, FIRM = "310495921", "310923044", "314250052", "991825827"
UNKNOWN = "974760673"
AT = datetime(2026, 11, 27, 3, 4, 5, 678901, tzinfo=UTC)


def company(orgnr: str = BAKEREN, **more: Any) -> dict[str, Any]:
    return {
        "organisasjonsnummer": orgnr,
        "navn": "BAKEREN PÅ HJØRNET AS",
        "respons_klasse": "Enhet",
        "organisasjonsform": {"kode": "AS", "beskrivelse": "Aksjeselskap"},
        "konkurs": False,
        "underAvvikling": False,
        "underTvangsavviklingEllerTvangsopplosning": False,
        "registrertIMvaregisteret": True,
        "antallAnsatte": 7,
        "epostadresse": "post@bakeren.invalid",
        "mobil": "99 88 77 66",
        "forretningsadresse": {"poststed": "VOSS", "kommune": "VOSS", "postnummer": "5700"},
        "noeNytt": {"av": ["dem"]},
    } | more


def sub_unit(orgnr: str = SUB_UNIT, **more: Any) -> dict[str, Any]:
    return {
        "organisasjonsnummer": orgnr,
        "navn": "BAKEREN AVD TORGET",
        "organisasjonsform": {"kode": "BEDR"},
        "overordnetEnhet": BAKEREN,
        "beliggenhetsadresse": {"poststed": "BERGEN", "kommune": "BERGEN"},
    } | more


def role(code: str, **more: Any) -> dict[str, Any]:
    return {"type": {"kode": code}, "fratraadt": False, "avregistrert": False} | more


def held(orgnr: str, *roles: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"organisasjonsnummer": orgnr, "navn": f"KLIENT {orgnr}", "roller": roles} | more


def said(body: Any = None, status: int = 200) -> httpx.Response:
    return httpx.Response(status) if body is None else httpx.Response(status, json=body)


def listed(name: str, *units: Any, pages: int = 1) -> httpx.Response:
    page = {"totalPages": pages}
    return said({"_embedded": {name: units}, "page": page} if units else {"page": page})


def asked(requests: list[httpx.Request]) -> list[str]:
    return [
        request.url.raw_path.decode().removeprefix("/enhetsregisteret/api") for request in requests
    ]


def test_a_company_is_read_with_what_we_show(environment: Environment) -> None:
    http, requests = answering(said(company()))

    unit = Enhetsregisteret(http, environment).unit(BAKEREN)

    assert asked(requests) == [f"/enheter/{BAKEREN}"]
    assert (unit.orgnr, unit.name, unit.form) == (BAKEREN, "BAKEREN PÅ HJØRNET AS", "AS")
    assert (unit.email, unit.phone, unit.employees) == ("post@bakeren.invalid", "99 88 77 66", 7)
    assert (unit.postal_place, unit.municipality) == ("VOSS", "VOSS")
    assert (unit.is_vat_registered, unit.is_sub_unit, unit.has_ended) == (True, False, False)


def test_the_register_is_never_sent_a_token(environment: Environment) -> None:
    http, requests = answering(said(company()))

    Enhetsregisteret(http, environment).unit(BAKEREN)

    assert "authorization" not in requests[0].headers


def test_a_sub_unit_is_found_where_it_is(environment: Environment) -> None:
    http, requests = answering(said(status=404), said(sub_unit()))

    unit = Enhetsregisteret(http, environment).unit(SUB_UNIT)

    assert asked(requests) == [f"/enheter/{SUB_UNIT}", f"/underenheter/{SUB_UNIT}"]
    assert (unit.is_sub_unit, unit.parent_orgnr, unit.postal_place) == (True, BAKEREN, "BERGEN")


@pytest.mark.parametrize(
    ("more", "ended"),
    [
        ({"respons_klasse": "SlettetEnhet", "slettedato": "2024-11-30"}, {"is_deleted"}),
        ({"respons_klasse": "SlettetEnhet"}, {"is_deleted"}),
        ({"slettedato": "2024-11-30"}, {"is_deleted"}),
        ({"konkurs": True}, {"is_bankrupt"}),
        ({"underAvvikling": True}, {"is_dissolving"}),
        ({"underTvangsavviklingEllerTvangsopplosning": True}, {"is_forced_dissolving"}),
    ],
)
def test_what_has_ended_is_told_apart(
    more: dict[str, Any], ended: set[str], environment: Environment
) -> None:
    http, _ = answering(said(company(**more)))

    unit = Enhetsregisteret(http, environment).unit(BAKEREN)

    names = ("is_deleted", "is_bankrupt", "is_dissolving", "is_forced_dissolving", "is_removed")
    assert {name for name in names if getattr(unit, name)} == ended
    assert unit.has_ended
    assert unit.deleted_on == (date(2024, 11, 30) if "slettedato" in more else None)


def test_what_is_removed_for_legal_reasons_has_no_name(environment: Environment) -> None:
    http, _ = answering(said({"organisasjonsnummer": GONE, "slettedato": "2022-01-01"}, 410))

    unit = Enhetsregisteret(http, environment).unit(GONE)

    assert (unit.is_removed, unit.is_deleted, unit.name) == (True, True, "")


def test_a_number_nobody_has_is_not_there(environment: Environment) -> None:
    http, _ = answering(said(status=404), said(status=404))

    with pytest.raises(NotThere):
        Enhetsregisteret(http, environment).unit(UNKNOWN)


def test_what_is_no_number_is_not_asked_for(environment: Environment) -> None:
    http, requests = answering()

    with pytest.raises(ValueError, match="nine digits"):
        Enhetsregisteret(http, environment).unit("../../roller")

    assert requests == []


def test_many_are_asked_for_a_hundred_at_a_time(environment: Environment) -> None:
    numbers = [orgnr for orgnr in map(str, range(810_000_000, 810_001_200)) if _checks(orgnr)]
    first, second = numbers[:100], numbers[100:130]
    http, requests = answering(
        listed("enheter", *map(company, first)),
        listed("enheter", *map(company, second)),
    )

    found = Enhetsregisteret(http, environment).units([*first, "123456789", *second, first[0]])

    assert list(found) == [*first, *second]
    assert [request.url.params["organisasjonsnummer"] for request in requests] == [
        ",".join(first),
        ",".join(second),
    ]


def test_sub_units_and_deleted_ones_are_found_too(environment: Environment) -> None:
    http, requests = answering(
        listed("enheter", company()),
        listed("underenheter", sub_unit()),
        said(company(GONE, respons_klasse="SlettetEnhet")),
        said(status=404),
        said(status=404),
    )

    found = Enhetsregisteret(http, environment).units([BAKEREN, SUB_UNIT, GONE, UNKNOWN])

    assert list(found) == [BAKEREN, SUB_UNIT, GONE]
    assert found[GONE].is_deleted
    assert asked(requests)[2:] == [
        f"/enheter/{GONE}",
        f"/enheter/{UNKNOWN}",
        f"/underenheter/{UNKNOWN}",
    ]


def test_deleted_ones_can_be_left_out(environment: Environment) -> None:
    http, requests = answering(listed("enheter", company()), listed("underenheter"))

    found = Enhetsregisteret(http, environment).units([BAKEREN, GONE], deleted_too=False)

    assert (list(found), len(requests)) == ([BAKEREN], 2)


def test_all_pages_of_sub_units_are_read_and_closed_ones_left_out(environment: Environment) -> None:
    http, requests = answering(
        listed("underenheter", sub_unit(), pages=2),
        listed("underenheter", sub_unit(GONE, nedleggelsesdato="2025-01-31"), pages=2),
    )

    units = Enhetsregisteret(http, environment).subunits(BAKEREN)

    assert [unit.orgnr for unit in units] == [SUB_UNIT]
    assert [request.url.params["page"] for request in requests] == ["0", "1"]


def test_roles_are_read_with_those_that_ended(environment: Environment) -> None:
    name = {"fornavn": "Åse", "mellomnavn": "Marie", "etternavn": "Vik"}
    person = {"person": {"navn": name, "fodselsdato": "1970-01-02", "erDoed": False}}
    firm = {"enhet": {"organisasjonsnummer": FIRM, "navn": ["REGNSKAP", "OG RÅD AS"]}}
    groups = [
        {"type": {"kode": "DAGL"}, "roller": [role("DAGL", **person)]},
        {"type": {"kode": "REGN"}, "roller": [role("REGN", fratraadt=True, **firm)]},
        {"type": {"kode": "REVI"}, "roller": [role("REVI", avregistrert=True, **firm)]},
    ]
    http, _ = answering(said({"rollegrupper": groups}))

    roles = Enhetsregisteret(http, environment).roles(BAKEREN)

    assert [(each.code, each.orgnr, each.name, each.is_ended) for each in roles] == [
        ("DAGL", None, "Åse Marie Vik", False),
        ("REGN", FIRM, "REGNSKAP OG RÅD AS", True),
        ("REVI", FIRM, "REGNSKAP OG RÅD AS", True),
    ]
    assert "1970" not in repr(roles)


def test_nobody_has_a_role_where_the_register_knows_none(environment: Environment) -> None:
    http, _ = answering(said(status=404), said(status=404))
    register = Enhetsregisteret(http, environment)

    assert register.roles(BAKEREN) == []
    assert register.clients_of(FIRM) == []


def test_a_firms_clients_are_those_where_the_role_has_not_ended(environment: Environment) -> None:
    http, requests = answering(
        said(
            {
                "organisasjonsnummer": FIRM,
                "erSlettet": False,
                "enheter": [
                    held(BAKEREN, role("REGN"), role("DTPR"), role("REVI", fratraadt=True)),
                    held(GONE, role("REGN", fratraadt=True)),
                    held(SUB_UNIT, role("REVI")),
                ],
            }
        )
    )

    clients = Enhetsregisteret(http, environment).clients_of(FIRM)

    assert asked(requests) == [f"/roller/enheter/{FIRM}/juridiskeroller"]
    assert clients == [
        RoleHolder(
            orgnr=BAKEREN,
            name=f"KLIENT {BAKEREN}",
            is_deleted=False,
            roles=frozenset({"REGN", "DTPR"}),
        )
    ]


def test_a_link_to_the_next_page_leads_nowhere_else(environment: Environment) -> None:
    link = {"next": {"href": "http://evil.example/enhetsregisteret/api/x?page=1&size=2"}}
    http, requests = answering(
        said({"enheter": [held(BAKEREN, role("REGN"))], "_links": link}),
        said({"enheter": [held(GONE, role("REGN"), erSlettet=True)]}),
    )

    clients = Enhetsregisteret(http, environment).clients_of(FIRM)

    assert [(each.orgnr, each.is_deleted) for each in clients] == [(BAKEREN, False), (GONE, True)]
    assert {request.url.host for request in requests} == {"127.0.0.1"}
    assert asked(requests)[1] == f"/roller/enheter/{FIRM}/juridiskeroller?page=1&size=2"


def test_pages_that_go_round_in_a_ring_end(environment: Environment) -> None:
    page = {"enheter": [], "_links": {"next": {"href": "https://data.brreg.no/x?page=1"}}}
    http, _ = answering(said(page), said(page))

    with pytest.raises(Misunderstood, match="does not move on"):
        Enhetsregisteret(http, environment).clients_of(FIRM)


def test_changes_to_companies_are_read_until_there_are_none(environment: Environment) -> None:
    def change(number: int, kind: str) -> dict[str, Any]:
        return {
            "oppdateringsid": number,
            "dato": "2026-11-27T03:04:05.123Z",
            "organisasjonsnummer": BAKEREN,
            "endringstype": kind,
        }

    http, requests = answering(
        said({"_embedded": {"oppdaterteEnheter": [change(12, "Sletting"), change(11, "Ny")]}}),
        said({"_embedded": {"oppdaterteEnheter": [change(15, "Endring")]}}),
        said({"_links": {}}),
    )

    changes = list(Enhetsregisteret(http, environment).unit_changes(after_id=10))

    assert [(each.id, each.kind) for each in changes] == [
        (11, "Ny"),
        (12, "Sletting"),
        (15, "Endring"),
    ]
    assert changes[0].at == datetime(2026, 11, 27, 3, 4, 5, 123000, tzinfo=UTC)
    assert [request.url.params["oppdateringsid"] for request in requests] == ["11", "13", "16"]


def test_changes_can_be_read_from_a_moment(environment: Environment) -> None:
    http, requests = answering(said({}), said({}), said([]))
    register = Enhetsregisteret(http, environment)

    assert list(register.unit_changes(since=AT)) == []
    assert list(register.unit_changes(since=AT, sub_units=True)) == []
    assert list(register.role_changes(since=AT)) == []

    moment = "2026-11-27T03%3A04%3A05.678Z"
    assert asked(requests) == [
        f"/oppdateringer/enheter?size=1000&dato={moment}",
        f"/oppdateringer/underenheter?size=1000&dato={moment}",
        f"/oppdateringer/roller?size=1000&afterTime={moment}",
    ]


def test_changes_to_roles_are_read_until_there_are_none(environment: Environment) -> None:
    def event(number: str, **more: Any) -> dict[str, Any]:
        return {
            "id": number,
            "type": "no.brreg.enhetsregisteret.roller.oppdatert",
            "time": "2026-11-27T03:04:05Z",
            "data": {"organisasjonsnummer": BAKEREN},
        } | more

    without = event("502", data=None, subject=GONE)
    http, requests = answering(said([event("501"), without]), said([]))

    changes = list(
        Enhetsregisteret(http, environment).role_changes(after_id="500", orgnrs=[BAKEREN, GONE])
    )

    assert [(each.id, each.orgnr) for each in changes] == [("501", BAKEREN), ("502", GONE)]
    assert [request.url.params["afterId"] for request in requests] == ["500", "502"]
    assert requests[0].url.params["organisasjonsnummer"] == f"{BAKEREN},{GONE}"


@pytest.mark.parametrize("kind", ["units", "roles"])
def test_changes_that_stand_still_end(kind: str, environment: Environment) -> None:
    change = {"oppdateringsid": 11, "organisasjonsnummer": BAKEREN, "dato": None}
    units = {"_embedded": {"oppdaterteEnheter": [change]}}
    roles = [{"id": "11", "data": {"organisasjonsnummer": BAKEREN}}]
    page = said(units if kind == "units" else roles)
    http, _ = answering(page, page, page)
    register = Enhetsregisteret(http, environment)
    ask: Callable[[], Any] = (
        (lambda: list(register.unit_changes(after_id=10)))
        if kind == "units"
        else (lambda: list(register.role_changes(after_id="10")))
    )

    with pytest.raises(Misunderstood, match="do not move on"):
        ask()


def test_a_place_to_begin_must_be_given(environment: Environment) -> None:
    http, _ = answering()
    register = Enhetsregisteret(http, environment)

    with pytest.raises(ValueError, match="after_id or since"):
        list(register.unit_changes())
    with pytest.raises(ValueError, match="after_id or since"):
        list(register.role_changes(after_id="1", since=AT))


@pytest.mark.parametrize("body", ["[]", "{}", "<html>", '{"organisasjonsnummer": 3}', "[" * 9000])
def test_an_answer_that_is_something_else_is_misunderstood(
    body: str, environment: Environment
) -> None:
    http, _ = answering(httpx.Response(200, text=body))

    with pytest.raises(Misunderstood):
        Enhetsregisteret(http, environment).unit(BAKEREN)


def test_a_register_that_is_down_is_not_a_company_that_is_gone(environment: Environment) -> None:
    http, _ = answering(said({"melding": OPAQUE_TOKEN}, 503))

    with pytest.raises(TryLater):
        Enhetsregisteret(http, environment).unit(BAKEREN)


def _checks(orgnr: str) -> bool:
    weighed = zip(map(int, orgnr), (3, 2, 7, 6, 5, 4, 3, 2), strict=False)
    return (11 - sum(digit * weight for digit, weight in weighed) % 11) % 11 == int(orgnr[8])
