from typing import Any

import httpx
import pytest

from tests.sandbox.kit import Json
from tests.sandbox.newcomer import Newcomer

BASE = "/enhetsregisteret/api"


def get(newcomer: Newcomer, path: str, **query: Any) -> httpx.Response:
    return newcomer.http.get(f"{BASE}/{path}", params=query)


def read(newcomer: Newcomer, path: str, **query: Any) -> Any:
    answer = get(newcomer, path, **query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def good(newcomer: Newcomer) -> str:
    rows: list[Json] = newcomer.look("onboarding?all=1")
    return next(str(row["orgnr"]) for row in rows if not row["fault"])


def test_a_company_is_told_of_as_it_is(newcomer: Newcomer) -> None:
    firm = read(newcomer, f"enheter/{newcomer.firm}")
    bankrupt = read(newcomer, f"enheter/{newcomer.fault('bankrupt')}")
    forced = read(newcomer, f"enheter/{newcomer.fault('forced-dissolution')}")
    deleted = read(newcomer, f"enheter/{newcomer.fault('deleted')}")

    assert (firm["respons_klasse"], firm["konkurs"]) == ("Enhet", False)
    assert firm["navn"] == newcomer.credentials["firm"]["name"].upper()
    assert bankrupt["konkurs"]
    assert forced["underTvangsavviklingEllerTvangsopplosning"]
    assert deleted["respons_klasse"] == "SlettetEnhet"
    assert deleted["slettedato"]


def test_what_is_not_there_is_told_in_different_ways(newcomer: Newcomer) -> None:
    removed = get(newcomer, f"enheter/{newcomer.fault('removed')}")

    assert (removed.status_code, set(removed.json())) == (
        410, {"organisasjonsnummer", "slettedato", "_links"},
    )  # fmt: skip
    assert get(newcomer, f"enheter/{newcomer.fault('unknown-number')}").status_code == 404
    assert get(newcomer, "enheter/12").status_code == 400


def test_a_sub_unit_is_found_as_one_only(newcomer: Newcomer) -> None:
    orgnr = newcomer.fault("sub-unit")

    unit = read(newcomer, f"underenheter/{orgnr}")
    siblings = read(newcomer, "underenheter", overordnetEnhet=unit["overordnetEnhet"])

    assert get(newcomer, f"enheter/{orgnr}").status_code == 404
    assert unit["respons_klasse"] == "Underenhet"
    found = siblings["_embedded"]["underenheter"]
    assert orgnr in {one["organisasjonsnummer"] for one in found}


def test_many_are_looked_up_at_once_but_not_those_that_are_gone(newcomer: Newcomer) -> None:
    wanted = [newcomer.firm, good(newcomer), newcomer.fault("deleted")]

    found = read(newcomer, "enheter", organisasjonsnummer=",".join(wanted), size=100)
    nothing = read(newcomer, "enheter", organisasjonsnummer=newcomer.fault("removed"))

    numbers = {one["organisasjonsnummer"] for one in found["_embedded"]["enheter"]}
    assert numbers == set(wanted[:2])
    assert found["page"]["totalElements"] == 2
    assert "_embedded" not in nothing
    assert get(newcomer, "enheter", size=20_000).status_code == 400


def test_roles_are_told_with_who_holds_them_and_who_has_left(newcomer: Newcomer) -> None:
    groups = read(newcomer, f"enheter/{newcomer.fault('role-ended')}/roller")["rollegrupper"]
    roles = {group["type"]["kode"]: group["roller"][0] for group in groups}

    assert roles["DAGL"]["person"]["navn"]["etternavn"]
    assert roles["REGN"]["enhet"]["organisasjonsnummer"] == newcomer.firm
    assert roles["REGN"]["fratraadt"]


def test_a_companys_roles_in_others_come_a_page_at_a_time(newcomer: Newcomer) -> None:
    newcomer.reset(clients=220, dialogs=220)
    path = f"roller/enheter/{newcomer.firm}/juridiskeroller"
    found: dict[str, list[Json]] = {}
    url = f"{BASE}/{path}"
    pages = 0
    while url:
        body = newcomer.http.get(url).json()
        found |= {one["organisasjonsnummer"]: one["roller"] for one in body["enheter"]}
        url = body["_links"].get("next", {}).get("href", "")
        pages += 1

    def codes(fault: str) -> list[tuple[str, bool]]:
        held = found.get(newcomer.fault(fault), [])
        return [(role["type"]["kode"], role["fratraadt"] or role["avregistrert"]) for role in held]

    assert pages == 3
    assert codes("bankrupt") == [("REGN", False)]
    assert codes("role-ended") == codes("deleted") == [("REGN", True)]
    assert codes("auditor-only") == [("REVI", False)]
    assert codes("no-role") == codes("removed") == codes("sub-unit") == []
    assert get(newcomer, f"roller/enheter/{good(newcomer)}/juridiskeroller").status_code == 404


def test_changes_are_told_from_an_id_or_a_time(newcomer: Newcomer) -> None:
    orgnr = good(newcomer)
    quiet = read(newcomer, "oppdateringer/enheter")
    newcomer.control("units", {"orgnr": orgnr, "bankrupt": True, "name": "NYTT NAVN AS"})
    newcomer.control("units", {"orgnr": orgnr, "deleted": True})
    newcomer.control("units", {"orgnr": newcomer.fault("sub-unit"), "deleted": True})

    rows = read(newcomer, "oppdateringer/enheter")["_embedded"]["oppdaterteEnheter"]
    after = read(newcomer, "oppdateringer/enheter",
                 oppdateringsid=rows[-1]["oppdateringsid"] + 1)  # fmt: skip
    told = read(newcomer, "oppdateringer/enheter", dato=rows[0]["dato"], includeChanges="true")
    units = read(newcomer, "oppdateringer/underenheter")["_embedded"]["oppdaterteUnderenheter"]

    assert "_embedded" not in quiet
    assert [row["endringstype"] for row in rows] == ["Endring", "Endring", "Sletting"]
    assert {row["organisasjonsnummer"] for row in rows} == {orgnr}
    assert "_embedded" not in after
    assert told["_embedded"]["oppdaterteEnheter"][0]["endringer"]
    assert [row["endringstype"] for row in units] == ["Sletting"]
    assert read(newcomer, f"enheter/{orgnr}")["navn"] == "NYTT NAVN AS"


def test_changed_roles_are_told_in_a_plain_list(newcomer: Newcomer) -> None:
    before = read(newcomer, "oppdateringer/roller")
    orgnr = good(newcomer)
    newcomer.control("units", {"orgnr": orgnr, "accountant": False})

    events = read(newcomer, "oppdateringer/roller", afterId=before[-1]["id"])

    assert [one["data"]["organisasjonsnummer"] for one in before] == [newcomer.fault("role-ended")]
    assert [one["data"]["organisasjonsnummer"] for one in events] == [orgnr]
    assert events[0]["type"] == "no.brreg.enhetsregisteret.roller.oppdatert"
    assert read(newcomer, "oppdateringer/roller", afterId=events[-1]["id"]) == []


@pytest.mark.parametrize("world", ["small", "services"])
def test_the_other_worlds_are_registered_too(newcomer: Newcomer, world: str) -> None:
    newcomer.reset(world=world, clients=None, dialogs=None)

    firm = read(newcomer, f"enheter/{newcomer.firm}")
    clients = read(newcomer, f"roller/enheter/{newcomer.firm}/juridiskeroller")["enheter"]

    assert firm["respons_klasse"] == "Enhet"
    assert clients
