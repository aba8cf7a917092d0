from datetime import datetime

import pytest
from django.core.exceptions import ValidationError

from clients import actions
from clients.models import Client, Party, SystemUser
from staff.models import AuditEntry, Team, User
from tests.clients.conftest import BAKEREN, BAKEREN_BERGEN, FIRM, FISKEREN, decoded, listed


def test_a_client_is_registered_with_its_main_unit_and_in_the_log(
    admin: User, kari: User, now: datetime
) -> None:
    client = actions.register_client(
        orgnr=BAKEREN, name="Bakeren AS", responsible=kari, members=[kari], actor=admin, now=now
    )

    party = client.parties.get()
    assert (party.kind, party.orgnr) == (Party.Kind.MAIN, BAKEREN)
    assert list(client.members.all()) == [kari]
    entry = AuditEntry.objects.get(about=f"client {client.pk}")
    assert (entry.act, entry.actor, entry.at) == ("client added", admin, now)


def test_a_party_altinn_listed_first_becomes_the_clients(
    regnskap: SystemUser, now: datetime
) -> None:
    actions.keep_in_step(regnskap, decoded(listed(BAKEREN, "BAKEREN AS")), now=now)

    client = actions.register_client(orgnr=BAKEREN, name="Bakeren AS", actor=None, now=now)

    assert Party.objects.get().client == client


def test_a_number_twice_is_refused_and_the_client_named(bakeren: Client, now: datetime) -> None:
    with pytest.raises(ValidationError, match=r"Bakeren AS er allerede registrert"):
        actions.register_client(orgnr=BAKEREN, name="En annen", actor=None, now=now)

    assert Client.objects.get() == bakeren


def test_an_archived_clients_number_is_refused_with_what_to_do(
    bakeren: Client, now: datetime
) -> None:
    actions.archive_client(bakeren, actor=None, now=now)

    with pytest.raises(ValidationError, match=r"Bakeren AS har dette nummeret og er arkivert"):
        actions.register_client(orgnr=BAKEREN, name="En annen", actor=None, now=now)


def test_a_sub_units_number_is_refused_and_its_client_named(
    bakeren: Client, regnskap: SystemUser, now: datetime
) -> None:
    with_sub = listed(BAKEREN, "BAKEREN AS", listed(BAKEREN_BERGEN, "BAKEREN AS AVD BERGEN"))
    alone = listed(FISKEREN, "FISKEREN AS", listed(FIRM, "FISKEREN AS AVD MOLDE"))
    actions.keep_in_step(regnskap, decoded(with_sub, alone), now=now)

    with pytest.raises(ValidationError, match=r"hører til Bakeren AS"):
        actions.register_client(orgnr=BAKEREN_BERGEN, name="Avdelingen", actor=None, now=now)
    with pytest.raises(ValidationError, match=r"FISKEREN AS AVD MOLDE er en underenhet"):
        actions.register_client(orgnr=FIRM, name="Avdelingen", actor=None, now=now)


def test_a_number_that_is_none_is_refused(db: None, now: datetime) -> None:
    with pytest.raises(ValidationError, match="gyldig organisasjonsnummer"):
        actions.register_client(orgnr="310495922", name="Bakeren AS", actor=None, now=now)

    assert not Party.objects.exists()


def test_a_change_is_logged_with_before_and_after(
    bakeren: Client, kari: User, ola: User, admin: User, now: datetime
) -> None:
    team = Team.objects.create(name="Lønn")

    changed = actions.change_client(
        bakeren,
        name="Bakeren AS",
        responsible=ola,
        team=team,
        members=[ola],
        is_firm=False,
        actor=admin,
        now=now,
    )

    assert changed
    bakeren.refresh_from_db()
    assert (bakeren.responsible, bakeren.team) == (ola, team)
    assert AuditEntry.objects.get(act="client changed").detail == {
        "responsible": [kari.pk, ola.pk],
        "team": [None, team.pk],
        "members": [[kari.pk], [ola.pk]],
    }


def test_a_change_that_changes_nothing_is_not_logged(
    bakeren: Client, kari: User, now: datetime
) -> None:
    changed = actions.change_client(
        bakeren,
        name="Bakeren AS",
        responsible=kari,
        team=None,
        members=[kari],
        is_firm=False,
        actor=None,
        now=now,
    )

    assert not changed
    assert not AuditEntry.objects.filter(act="client changed").exists()


def test_archiving_stops_the_reading_and_bringing_back_reads_all_again(
    bakeren: Client, regnskap: SystemUser, admin: User, now: datetime
) -> None:
    actions.keep_in_step(regnskap, decoded(listed(BAKEREN, "BAKEREN AS")), now=now)
    regnskap.accesses.update(loaded_at=now)

    actions.archive_client(bakeren, actor=admin, now=now)
    actions.archive_client(bakeren, actor=admin, now=now)

    assert not regnskap.accesses.current().exists()
    assert AuditEntry.objects.filter(act="client archived").count() == 1

    actions.unarchive_client(bakeren, actor=admin, now=now)

    assert regnskap.accesses.current().get().loaded_at is None
    assert AuditEntry.objects.filter(act="client brought back").count() == 1


def test_a_changed_system_user_has_its_trouble_forgotten(
    regnskap: SystemUser, admin: User, now: datetime
) -> None:
    SystemUser.objects.update(trouble="Ikke godkjent", trouble_since_at=now)

    actions.change_system_user(regnskap, external_ref="regnskap-2", actor=admin, now=now)

    regnskap.refresh_from_db()
    assert (regnskap.trouble, regnskap.trouble_since_at) == ("", None)
    entry = AuditEntry.objects.get(act="system user changed")
    assert entry.detail == {"external_ref": ["regnskap", "regnskap-2"]}


def test_the_same_system_user_twice_is_refused(regnskap: SystemUser, now: datetime) -> None:
    with pytest.raises(ValidationError):
        actions.add_system_user(
            name="Kopi",
            kind=SystemUser.Kind.AGENT,
            owner_orgnr=FIRM,
            external_ref="regnskap",
            adds_clients=False,
            actor=None,
            now=now,
        )
