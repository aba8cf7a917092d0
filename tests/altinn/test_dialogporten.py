import json
from uuid import UUID

import httpx
import pytest

from altinn.dialogporten import EndUser, SystemLabel, text
from altinn.environment import Environment
from altinn.errors import Changed, LevelTooLow, Misunderstood, NotThere, NotYet
from altinn.wire import Localization

from .conftest import OPAQUE_TOKEN, SAMPLES, Bearer, answering

DIALOG = UUID("019cad9d-ba10-76ef-b90a-9500ec3e5593")
OTHER = UUID("019cd12e-6612-71fc-9e1c-9c00146e6042")
REVISION = UUID("0f818fb4-68a5-4649-af1a-b17a7bb43027")
NEW_REVISION = UUID("3e246462-619e-478e-bd20-725eba29d4cd")
BELOW = f"/dialogporten/api/v1/enduser/dialogs/{DIALOG}"


def sample(name: str) -> httpx.Response:
    body = (SAMPLES / "dialogs" / f"{name}.json").read_bytes()
    status = int(name.rpartition("/")[2][:3]) if name.startswith("problems/") else 200
    return httpx.Response(status, content=body)


def test_parties_have_their_sub_units(environment: Environment) -> None:
    http, _ = answering(sample("parties.systemuser"))

    first, _, third = EndUser(http, environment, Bearer()).parties()

    assert first.party == "urn:altinn:organization:identifier-no:310923044"
    assert first.name == "FJORD OG FJELL AS"
    assert [each.name for each in first.sub_parties] == ["FJORD OG FJELL AS AVD BERGEN"]
    assert not first.has_only_access_to_sub_parties
    assert third.has_only_access_to_sub_parties


def test_no_method_but_details_asks_for_the_dialog_itself(environment: Environment) -> None:
    """The portal's first promise: asking for the dialog marks it as seen."""
    http, requests = answering(
        sample("transmissions.list"),
        sample("activities.list"),
        sample("activities.single"),
        sample("seenlog.list"),
        sample("labellog.list"),
        sample("details.altinn-app.submitted"),
    )
    api = EndUser(http, environment, Bearer())

    api.transmissions(DIALOG)
    api.activities(DIALOG)
    api.activity(DIALOG, OTHER)
    api.seen_log(DIALOG)
    api.label_log(DIALOG)
    api.details(DIALOG)

    assert [request.url.path.removeprefix(BELOW) for request in requests] == [
        "/transmissions",
        "/activities",
        f"/activities/{OTHER}",
        "/seenlog",
        "/context/labellog",
        "",
    ]


def test_one_transmission(environment: Environment) -> None:
    one = json.loads((SAMPLES / "dialogs" / "transmissions.list.json").read_bytes())[0]
    http, requests = answering(httpx.Response(200, json=one))

    assert str(EndUser(http, environment, None).transmission(DIALOG, OTHER).id) == one["id"]
    assert requests[0].url.path == f"{BELOW}/transmissions/{OTHER}"


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        ("403.auth-level", LevelTooLow),
        ("404.expired", NotThere),
        ("404.not-yet-visible", NotYet),
        ("410.deleted", NotThere),
    ],
)
def test_why_a_dialog_cannot_be_shown(
    problem: str, kind: type[Exception], environment: Environment
) -> None:
    http, _ = answering(sample(f"problems/{problem}"))

    with pytest.raises(kind):
        EndUser(http, environment, Bearer()).details(DIALOG)


@pytest.mark.parametrize("body", [b"", b"[]", b"<html>", b"{}", b"\xff", b"[" * 100_000])
def test_a_body_we_cannot_read_is_misunderstood(body: bytes, environment: Environment) -> None:
    http, _ = answering(*[httpx.Response(200, content=body)] * 2)
    api = EndUser(http, environment, None)

    with pytest.raises(Misunderstood) as caught:
        api.details(DIALOG)
    with pytest.raises(Misunderstood):
        api.parties()

    assert caught.value.url.endswith(BELOW)
    assert caught.value.status == 200


# Labels


@pytest.mark.parametrize("etag", [f"{NEW_REVISION}", f'"{NEW_REVISION}"', f'W/"{NEW_REVISION}"'])
def test_labels_are_changed_on_the_revision_that_was_read(
    etag: str, environment: Environment
) -> None:
    http, requests = answering(httpx.Response(204, headers={"Etag": etag}))

    revision = EndUser(http, environment, Bearer()).set_labels(
        DIALOG, [SystemLabel.ARCHIVE], [SystemLabel.MARKED_AS_UNOPENED], REVISION
    )

    (request,) = requests
    assert revision == NEW_REVISION
    assert (request.method, request.url.path) == ("PUT", f"{BELOW}/context/systemlabels")
    assert request.headers["If-Match"] == str(REVISION)
    assert json.loads(request.content) == json.loads(
        (SAMPLES / "dialogs" / "systemlabels.put-request.json").read_bytes()
    )


@pytest.mark.parametrize("headers", [{}, {"Etag": "x"}])
def test_without_a_new_revision_there_is_none(
    headers: dict[str, str], environment: Environment
) -> None:
    http, requests = answering(httpx.Response(204, headers=headers))

    assert EndUser(http, environment, None).set_labels(DIALOG, [SystemLabel.BIN]) is None
    assert "If-Match" not in requests[0].headers


def test_labels_that_someone_else_changed(environment: Environment) -> None:
    http, _ = answering(sample("problems/412.label-revision"))

    with pytest.raises(Changed):
        EndUser(http, environment, None).set_labels(DIALOG, [SystemLabel.BIN], (), REVISION)


def test_labels_of_many_dialogs_at_once(environment: Environment) -> None:
    http, requests = answering(httpx.Response(204))

    EndUser(http, environment, None).bulk_set_labels(
        [(DIALOG, REVISION), (OTHER, None)], [SystemLabel.BIN]
    )

    assert requests[0].url.path.endswith("/enduser/dialogs/context/systemlabels/actions/bulkset")
    assert json.loads(requests[0].content) == json.loads(
        (SAMPLES / "dialogs" / "systemlabels.bulkset-request.json").read_bytes()
    )


def test_labels_dialogporten_would_refuse_are_not_sent(environment: Environment) -> None:
    http, requests = answering()
    api = EndUser(http, environment, None)

    for label in (SystemLabel.SENT, SystemLabel.UNKNOWN):
        with pytest.raises(ValueError, match="cannot be set"):
            api.set_labels(DIALOG, [label])
        with pytest.raises(ValueError, match="cannot be set"):
            api.bulk_set_labels([(DIALOG, None)], (), [label])
    for dialogs in ([], [(DIALOG, None)] * 2, [(UUID(int=n), None) for n in range(101)]):
        with pytest.raises(ValueError, match="1 to 100"):
            api.bulk_set_labels(dialogs, [SystemLabel.BIN])

    assert requests == []


# The rest


def test_a_reference_is_looked_up_by_its_urn(environment: Environment) -> None:
    http, requests = answering(sample("dialoglookup"))
    ref = "urn:altinn:instance-id:51266836/8f61fa1c-1150-4b44-b33a-068854afad97"

    found = EndUser(http, environment, Bearer()).lookup(ref)

    assert found.dialog_id == DIALOG
    assert found.service_resource.id == "app_brg_aarsregnskap-demo"
    assert found.authorization_evidence.via_access_package
    assert dict(requests[0].url.params) == {"instanceRef": ref}


SERVICES = {
    "isFullCatalogueFallback": True,
    "items": [
        {
            "serviceResource": {"id": "a", "name": [{"value": "A", "languageCode": "nb"}]},
            "roles": [{"urn": "urn:altinn:rolecode:regna", "name": [], "links": {}}],
            "accessPackages": [{"urn": "urn:altinn:accesspackage:x", "name": []}],
            "serviceOwner": {"orgNumber": "974760673", "code": "brg", "name": []},
        }
    ],
}


def test_services_of_some_parties(environment: Environment) -> None:
    http, requests = answering(httpx.Response(200, json=SERVICES))

    services = EndUser(http, environment, Bearer()).service_resources(["urn:a:1", "urn:a:2"])

    assert services.is_full_catalogue_fallback
    assert services.items[0].service_owner.code == "brg"
    assert text(services.items[0].service_resource.name) == "A"
    assert requests[0].url.params.get_list("party") == ["urn:a:1", "urn:a:2"]
    assert requests[0].headers["Authorization"] == f"Bearer {OPAQUE_TOKEN}"


def test_what_anyone_may_know_is_asked_without_a_token(environment: Environment) -> None:
    http, requests = answering(
        httpx.Response(200, json=SERVICES), httpx.Response(200, json={"endUserSearch": {}})
    )
    api = EndUser(http, environment, Bearer())

    assert len(api.all_service_resources().items) == 1
    assert api.limits().max_party_filter_values == 100
    assert [request.url.path for request in requests] == [
        "/dialogporten/api/v1/metadata/serviceresources",
        "/dialogporten/api/v1/metadata/limits",
    ]
    assert not any("Authorization" in request.headers for request in requests)


def localized(**texts: str) -> list[Localization]:
    return [Localization(value=value, language_code=code) for code, value in texts.items()]


@pytest.mark.parametrize(
    ("texts", "best"),
    [
        ({"en": "e", "nn": "n", "nb": "b"}, "b"),
        ({"en": "e", "nn": "n"}, "n"),
        ({"de": "d", "en": "e"}, "e"),
        ({"se": "s", "de": "d"}, "s"),
        ({"nb": "", "en": "e"}, "e"),
        ({"NB": "b", "en": "e"}, "b"),
        ({}, ""),
    ],
)
def test_the_best_language_there_is(texts: dict[str, str], best: str) -> None:
    assert text(localized(**texts)) == best


def test_another_order_of_languages() -> None:
    assert text(localized(nb="b", nn="n"), ("nn", "nb")) == "n"
