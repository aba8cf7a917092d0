from datetime import datetime

from clients import actions
from clients.coverage import sight_of_client, unregistered_parties
from clients.models import Access, Client, Party, SystemUser
from staff.models import AuditEntry, User
from tests.clients.conftest import (
    BAKEREN,
    BAKEREN_BERGEN,
    FISKEREN,
    PERSON,
    decoded,
    listed,
)

BAKEREN_LISTED = listed(BAKEREN, "BAKEREN AS", listed(BAKEREN_BERGEN, "BAKEREN AS AVD BERGEN"))
FISKEREN_LISTED = listed(FISKEREN, "FISKEREN AS")


def test_a_sub_unit_follows_its_main_units_client(
    bakeren: Client, regnskap: SystemUser, now: datetime
) -> None:
    result = actions.keep_in_step(regnskap, decoded(BAKEREN_LISTED), now=now)

    assert result.found == 2
    sub_unit = Party.objects.get(orgnr=BAKEREN_BERGEN)
    assert (sub_unit.client, sub_unit.kind) == (bakeren, Party.Kind.SUB)


def test_a_main_unit_that_only_holds_sub_units_is_not_read(
    regnskap: SystemUser, now: datetime
) -> None:
    only_below = BAKEREN_LISTED | {"hasOnlyAccessToSubParties": True}

    actions.keep_in_step(regnskap, decoded(only_below), now=now)

    assert Access.objects.get().party.orgnr == BAKEREN_BERGEN
    assert unregistered_parties().get().orgnr == BAKEREN


def test_access_that_is_gone_is_marked_and_when_back_read_in_full(
    bakeren: Client, regnskap: SystemUser, now: datetime, later: datetime
) -> None:
    actions.keep_in_step(regnskap, decoded(BAKEREN_LISTED), now=now)
    Access.objects.update(loaded_at=now)

    result = actions.keep_in_step(regnskap, decoded(), now=later)

    assert (result.lost, Access.objects.filter(lost_at=later).count()) == (2, 2)

    result = actions.keep_in_step(regnskap, decoded(BAKEREN_LISTED), now=later)

    assert result.found == 2
    assert Access.objects.filter(lost_at=None, loaded_at=None).count() == 2


def test_the_same_list_again_changes_nothing(
    bakeren: Client, regnskap: SystemUser, now: datetime, later: datetime
) -> None:
    actions.keep_in_step(regnskap, decoded(BAKEREN_LISTED), now=now)
    Access.objects.update(loaded_at=now)

    result = actions.keep_in_step(regnskap, decoded(BAKEREN_LISTED), now=later)

    assert (result.found, result.lost, result.clients_added) == (0, 0, 0)
    assert Access.objects.filter(loaded_at=now, found_at=now).count() == 2
    regnskap.refresh_from_db()
    assert regnskap.parties_read_at == later


def test_new_clients_are_added_only_by_a_system_user_that_says_so(
    regnskap: SystemUser, lonn: SystemUser, now: datetime
) -> None:
    actions.keep_in_step(regnskap, decoded(FISKEREN_LISTED), now=now)
    assert not Client.objects.exists()

    lonn.adds_clients = True
    result = actions.keep_in_step(lonn, decoded(FISKEREN_LISTED, BAKEREN_LISTED), now=now)

    assert result.clients_added == 2
    assert set(Client.objects.values_list("orgnr", flat=True)) == {FISKEREN, BAKEREN}
    assert Party.objects.get(orgnr=BAKEREN_BERGEN).client == Client.objects.get(orgnr=BAKEREN)


def test_adopted_parties_are_clients_once(regnskap: SystemUser, admin: User, now: datetime) -> None:
    actions.keep_in_step(regnskap, decoded(BAKEREN_LISTED, FISKEREN_LISTED), now=now)
    parties = list(Party.objects.all())
    before_either = list(Party.objects.all())

    assert actions.adopt_parties(parties, actor=admin, now=now) == 2
    assert actions.adopt_parties(before_either, actor=admin, now=now) == 0

    assert Client.objects.count() == 2
    assert AuditEntry.objects.filter(act="client added", actor=admin).count() == 2
    assert Party.objects.get(orgnr=BAKEREN_BERGEN).client is None  # until the next reading

    actions.keep_in_step(regnskap, decoded(BAKEREN_LISTED, FISKEREN_LISTED), now=now)

    assert Party.objects.get(orgnr=BAKEREN_BERGEN).client == Client.objects.get(orgnr=BAKEREN)


def test_a_person_becomes_a_client_without_a_number(regnskap: SystemUser, now: datetime) -> None:
    actions.keep_in_step(regnskap, decoded(listed(PERSON, "Åse Dahl")), now=now)

    actions.adopt_parties(Party.objects.all(), actor=None, now=now)

    client = Client.objects.get()
    assert (client.orgnr, client.name, client.parties.get().orgnr) == (None, "Åse Dahl", "")


def test_a_party_whose_access_is_gone_is_not_offered(regnskap: SystemUser, now: datetime) -> None:
    actions.keep_in_step(regnskap, decoded(FISKEREN_LISTED), now=now)
    assert unregistered_parties().count() == 1

    actions.keep_in_step(regnskap, decoded(), now=now)

    assert not unregistered_parties().exists()


def test_the_list_says_how_well_a_client_is_seen(
    bakeren: Client, regnskap: SystemUser, lonn: SystemUser, now: datetime
) -> None:
    lost_at = datetime.fromisoformat("2026-11-03T12:00:00+01:00")
    now = datetime.fromisoformat("2026-11-20T12:00:00+01:00")

    def said() -> str:
        return sight_of_client(Client.objects.get(), now=now).text

    assert said() == "Venter på Altinn"
    actions.keep_in_step(regnskap, decoded(BAKEREN_LISTED), now=now)
    assert said() == "Hentes inn av Regnskap"
    Access.objects.update(loaded_at=now)
    assert said() == "Leses av Regnskap"
    actions.keep_in_step(lonn, decoded(BAKEREN_LISTED), now=now)
    Access.objects.update(loaded_at=now)
    assert said() == "Leses av Lønn, Regnskap"
    SystemUser.objects.filter(pk=lonn.pk).update(trouble="Feil", trouble_since_at=lost_at)
    assert said() == "Leses av Regnskap"
    actions.keep_in_step(regnskap, decoded(), now=lost_at)
    assert said() == "Lønn får ikke lest siden 3. nov."
    SystemUser.objects.filter(pk=lonn.pk).update(is_active=False)
    assert said() == "Leses ikke: Lønn er slått av"
    actions.keep_in_step(lonn, decoded(), now=lost_at)
    assert said() == "Tilgang mistet 3. nov."
    now = datetime.fromisoformat("2027-01-20T12:00:00+01:00")
    assert said() == "Tilgang mistet 3. nov. 2026"
    actions.archive_client(bakeren, actor=None, now=now)
    assert said() == "Arkivert 20. jan."
