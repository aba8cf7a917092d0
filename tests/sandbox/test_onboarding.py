from sandbox import ids
from sandbox.onboarding import CLIENTS, FAULTS
from tests.sandbox.kit import DIALOGPORTEN, DIALOGS, Receiver, eventually
from tests.sandbox.newcomer import MED, POST, URN, Newcomer
from tests.sandbox.test_worlds import README


def test_a_firm_gets_from_nothing_to_its_clients_dialogs(newcomer: Newcomer) -> None:
    wanted = {"orgnr": newcomer.firm, "external_ref": "post"}
    assert "MP-303" in newcomer.ask_token(newcomer.assertion(user=wanted)).text

    assert newcomer.register().status_code == 200
    asked = newcomer.ask_agent()
    assert (asked.status_code, asked.json()["status"]) == (201, "New")
    assert "MP-303" in newcomer.ask_token(newcomer.assertion(user=wanted)).text
    agent = newcomer.agent()
    token = newcomer.token(agent)
    parties = newcomer.ask(f"{DIALOGPORTEN}/enduser/parties", token=token).json()
    assert parties == {"authorizedParties": []}

    orgnr, client = next(iter(newcomer.available(agent).items()))
    assert newcomer.add(agent, client).json() == {"agent": agent["id"], "client": client}
    parties = newcomer.ask(f"{DIALOGPORTEN}/enduser/parties", token=token).json()
    assert [one["party"] for one in parties["authorizedParties"]] == [ids.ORGANIZATION + orgnr]
    found = newcomer.ask(DIALOGS, token=token, party=ids.ORGANIZATION + orgnr).json()
    assert found["items"]


def test_eighteen_of_the_clients_are_odd_each_in_its_own_way(newcomer: Newcomer) -> None:
    newcomer.reset(clients=None, dialogs=None)
    everyone, odd = newcomer.look("onboarding?all=1"), newcomer.look("onboarding")

    assert len({row["orgnr"] for row in everyone}) == CLIENTS == 200
    assert len({row["fault"] for row in odd}) == len(odd) == 18
    assert all(row["why"] and row["conclusion"] for row in odd)


def test_an_agent_with_all_packages_can_have_all_but_the_odd_ones(newcomer: Newcomer) -> None:
    newcomer.register()
    agent = newcomer.agent(MED, "regnskapsforer-lonn", POST)
    available = set(newcomer.available(agent))
    odd = {row["orgnr"]: row["fault"] for row in newcomer.look("onboarding")}
    everyone = {row["orgnr"] for row in newcomer.look("onboarding?all=1")}

    assert {odd[orgnr] for orgnr in set(odd) - available} == {
        "no-role", "auditor-only", "role-ended", "deleted", "removed", "package-missing",
        "signature-missing", "post-missing", "unknown-to-altinn", "sub-unit", "unknown-number",
    }  # fmt: skip
    assert everyone - set(odd) <= available <= everyone


def test_a_system_user_made_later_subscribes_and_is_pushed_to(
    newcomer: Newcomer, hook: Receiver
) -> None:
    newcomer.register()
    agent = newcomer.agent()
    orgnr, client = next(iter(newcomer.available(agent).items()))
    newcomer.add(agent, client)
    party = ids.ORGANIZATION + orgnr
    item = newcomer.ask(DIALOGS, token=newcomer.token(agent), party=party).json()["items"][0]
    filters = {"endPoint": hook.url, "subjectFilter": party}
    token = newcomer.altinn_token(agent)

    def subscribe(resource: str) -> int:
        return newcomer.ask("/events/api/v1/subscriptions", method="POST", token=token,
                            json=filters | {"resourceFilter": resource}).status_code  # fmt: skip

    assert subscribe(item["serviceResource"]) == 201
    assert subscribe("urn:altinn:resource:altinn-taushetsbelagt-post-varsel") == 403
    eventually(lambda: newcomer.look("deliveries")["subscriptions"][0]["validated"])
    newcomer.do(item, "transmission", title="Nytt")
    eventually(hook.events)


def test_the_readme_lists_what_is_odd_and_what_to_make_of_it() -> None:
    text = README.read_text(encoding="utf-8")

    for fault in FAULTS:
        assert f"| `{fault.key}` | {fault.conclusion} |" in text


def test_a_client_whose_post_is_odd_can_be_seen_and_is(newcomer: Newcomer) -> None:
    newcomer.register()
    agent = newcomer.agent()
    for key in ("level-four", "poll-only", "silent"):
        newcomer.add(agent, newcomer.available(agent)[newcomer.fault(key)])

    def items(key: str) -> list[dict[str, str]]:
        party = ids.ORGANIZATION + newcomer.fault(key)
        found = newcomer.ask(DIALOGS, token=newcomer.token(agent), party=party, limit=50).json()
        return list(found["items"])

    high = items("level-four")[0]
    details = newcomer.ask(high["id"], token=newcomer.token(agent))
    assert details.status_code == 403
    assert {item["serviceResource"] for item in items("poll-only")} == {
        "urn:altinn:resource:app_skd_a2-1051-241111"
    }
    now = newcomer.look("clock")["now"]
    assert len(items("silent")) == 30
    assert max(item["createdAt"] for item in items("silent"))[:10] < now[:10]


def test_a_role_that_ends_takes_its_packages_and_comes_back(newcomer: Newcomer) -> None:
    newcomer.register()
    agent = newcomer.agent(MED, "skatt-naering")
    orgnr, client = next(iter(newcomer.available(agent).items()))
    newcomer.add(agent, client)
    party = ids.ORGANIZATION + orgnr

    def services() -> set[str]:
        found = newcomer.ask(f"{DIALOGPORTEN}/enduser/serviceresources", party=party,
                             token=newcomer.token(agent)).json()["items"]  # fmt: skip
        return {one["serviceResource"]["id"] for one in found}

    before = services()
    newcomer.control("units", {"orgnr": orgnr, "accountant": False})
    assert services() < before
    assert orgnr not in newcomer.available(agent)
    newcomer.control("units", {"orgnr": orgnr, "take": "all"})
    assert services() == set()
    newcomer.control("units", {"orgnr": orgnr, "accountant": True, "give": [f"{URN}skatt-naering"]})
    assert services() == before


def test_a_new_sub_unit_and_one_that_moves_are_seen_through_the_main_unit(
    newcomer: Newcomer,
) -> None:
    newcomer.register()
    agent = newcomer.agent()
    (one, first), (other, second) = list(newcomer.available(agent).items())[:2]
    newcomer.add(agent, first)
    newcomer.add(agent, second)

    def below(orgnr: str) -> set[str]:
        token = newcomer.token(agent)
        found = newcomer.ask(f"{DIALOGPORTEN}/enduser/parties", token=token).json()
        party = next(p for p in found["authorizedParties"] if p["party"].endswith(orgnr))
        return {unit["party"] for unit in party.get("subParties", [])}

    kept = below(one)
    newcomer.control("units", {"orgnr": one, "sub_unit": "Ny avdeling"})
    (new,) = below(one) - kept
    newcomer.control("units", {"orgnr": new.removeprefix(ids.ORGANIZATION), "moved_to": other})

    assert new not in below(one)
    assert new in below(other)


def test_thousands_of_clients_are_made_and_added_quickly(newcomer: Newcomer) -> None:
    newcomer.reset(clients=3000, dialogs=3000)
    newcomer.register()
    agent = newcomer.agent()
    available = list(newcomer.available(agent).values())

    assert len(available) > 2980
    for client in available[-5:]:
        assert newcomer.add(agent, client).elapsed.total_seconds() < 0.5
    assert newcomer.look("requests")["counts"]["clientdelegation"] == 6
