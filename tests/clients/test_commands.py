import json
import stat
from contextlib import contextmanager
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from altinn.errors import AltinnError, NoSystemUser
from altinn.keys import Key
from clients import actions, connect
from clients.models import Access, Client, Party, Subscription, SystemUser
from staff.models import Team, User
from tests.clients.conftest import (
    BAKEREN,
    BAKEREN_BERGEN,
    FIRM,
    FISKEREN,
    PERSON,
    decoded,
    listed,
)
from tests.stand_in import Altinn

BAKEREN_LISTED = listed(BAKEREN, "BAKEREN AS", listed(BAKEREN_BERGEN, "BAKEREN AS AVD BERGEN"))
FISKEREN_LISTED = listed(FISKEREN, "FISKEREN AS")


def run(*words: str) -> str:
    """Run a command as from the shell; return what it printed, on both streams."""
    out = StringIO()
    call_command(*words, stdout=out, stderr=out)
    return out.getvalue()


def test_a_client_is_added_by_command_and_again_with_more(kari: User, ola: User) -> None:
    run("add_client", "310 495 921", "Bakeren", "--responsible", kari.email, "--team", "Lønn")
    said = run("add_client", BAKEREN, "Bakeren AS", "--member", ola.email)

    client = Client.objects.get()
    assert (client.name, client.responsible, client.team and client.team.name) == (
        "Bakeren AS",
        kari,
        "Lønn",
    )
    assert list(client.members.all()) == [ola]
    assert "Changed" in said
    assert "Nothing to change" in run("add_client", BAKEREN, "Bakeren AS")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([BAKEREN[:-1] + "2", "X"], "is not an organisation number"),
        (["01017012345", "X"], "That is not an organisation number"),
        ([BAKEREN, " "], "The name is empty"),
        ([BAKEREN, "X", "--responsible", "who@firmaet.invalid"], "Run add_staff first"),
        ([BAKEREN, "x" * 256], "name"),
        ([FIRM, "X", "--firm"], "Bakeren AS is registered as the firm itself"),
        ([BAKEREN_BERGEN, "X"], "BAKEREN AS AVD BERGEN is a sub-unit"),
    ],
)
def test_bad_input_is_one_clear_sentence_and_changes_nothing(
    words: list[str], said: str, bakeren: Client, regnskap: SystemUser, now: datetime
) -> None:
    Client.objects.update(is_firm=True)
    actions.keep_in_step(regnskap, decoded(BAKEREN_LISTED), now=now)

    with pytest.raises(CommandError) as refused:
        run("add_client", *words, "--team", "Ny")

    assert said in str(refused.value)
    assert "01017" not in str(refused.value)
    assert Client.objects.get().name == "Bakeren AS"
    assert not Team.objects.exists()


def test_a_system_user_is_added_by_command_and_changed_by_the_same(db: None) -> None:
    run("add_system_user", "Regnskap", "--owner", "923 609 016", "--external-ref", "regnskap")
    run("add_system_user", "Regnskap", "--owner", FIRM, "--external-ref", "lonn", "--adds-clients")
    same = ("add_system_user", "Post", "--owner", FIRM, "--external-ref", "lonn")
    run(*same, "--kind", "standard")
    run(*same, "--no-active")

    first, second = SystemUser.objects.order_by("pk")
    assert (first.kind, first.is_active, first.adds_clients) == ("AGENT", True, False)
    assert (second.name, second.kind, second.is_active) == ("Post", "STANDARD", False)
    assert second.adds_clients


@pytest.mark.parametrize(
    "words", [["Regnskap", "--owner", "123"], ["", "--owner", FIRM], ["x" * 101, "--owner", FIRM]]
)
def test_a_system_user_that_makes_no_sense_is_refused(words: list[str], db: None) -> None:
    with pytest.raises(CommandError):
        run("add_system_user", *words)

    assert not SystemUser.objects.exists()


def test_a_key_is_written_for_its_owner_alone_and_only_its_public_half_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "key.json"

    printed = StringIO()
    call_command("make_key", kid="firmaet-2026", private=path, stdout=printed)

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = Key.from_file(path)
    assert json.loads(printed.getvalue()) == key.public_jwk()
    assert key.kid == "firmaet-2026"
    secrets = [key.private_jwk()[part] for part in ("d", "p", "q", "dp", "dq", "qi")]
    shown = printed.getvalue() + "".join(capsys.readouterr())
    assert not [secret for secret in secrets if secret in shown]


def test_a_key_that_is_there_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "key.json"
    call_command("make_key", kid="firmaet-2026", private=path, stdout=StringIO(), stderr=StringIO())
    before = path.read_bytes()

    again = run("make_key", "--kid", "firmaet-2026", "--private", str(path))
    with pytest.raises(CommandError, match="another key, with the kid firmaet-2026"):
        run("make_key", "--kid", "firmaet-2027", "--private", str(path))

    assert "firmaet-2026" in again
    assert path.read_bytes() == before


def test_a_key_is_not_put_over_something_else_and_one_open_to_all_is_told_of(
    tmp_path: Path,
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("notes")
    with pytest.raises(CommandError, match="not a private key"):
        run("make_key", "--private", str(path))
    assert path.read_text() == "notes"

    key = tmp_path / "key.json"
    assert "can be read by others" not in run("make_key", "--private", str(key))
    key.chmod(0o644)
    assert "can be read by others" in run("make_key", "--private", str(key))
    with pytest.raises(CommandError, match="cannot be written"):
        run("make_key", "--private", str(tmp_path / "no" / "key.json"))


class Answers:
    """What stands in for Altinn's answer: the list, or the reason there is none."""

    def __init__(self) -> None:
        self.parties: list[Any] = []
        self.error: AltinnError | None = None

    @contextmanager
    def end_user(self, system_user: SystemUser) -> Any:
        if self.error:
            raise self.error
        yield type("Api", (), {"parties": lambda _: decoded(*self.parties)})()


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Answers:
    answers = Answers()
    monkeypatch.setattr(connect, "end_user", answers.end_user)
    return answers


def test_the_lists_are_read_now_and_what_was_found_is_printed(
    regnskap: SystemUser, answers: Answers
) -> None:
    answers.parties = [BAKEREN_LISTED, FISKEREN_LISTED]

    said = run("read_parties", "--system-user", "Regnskap")

    assert "Regnskap: 3 readable, 3 of them new, 0 lost, 0 registered as clients." in said
    assert "2 not registered as clients" in said
    assert Access.objects.count() == 3


def test_a_refusal_prints_the_advice_and_fails(regnskap: SystemUser, answers: Answers) -> None:
    answers.error = NoSystemUser("MP-303", advice="Be firmaet om å godkjenne.")
    out = StringIO()

    with pytest.raises(CommandError, match="1 of 1 could not be read"):
        call_command("read_parties", stdout=out, stderr=out)

    assert "Regnskap: Be firmaet om å godkjenne." in out.getvalue()
    regnskap.refresh_from_db()
    assert regnskap.trouble == "Be firmaet om å godkjenne."


def test_reading_with_no_system_user_says_what_to_do_first(db: None) -> None:
    with pytest.raises(CommandError, match="Run add_system_user first"):
        run("read_parties")


def test_parties_are_adopted_by_number_or_all(regnskap: SystemUser, now: datetime) -> None:
    person = listed(PERSON, "Åse Dahl")
    actions.keep_in_step(regnskap, decoded(BAKEREN_LISTED, FISKEREN_LISTED, person), now=now)

    with pytest.raises(CommandError, match=f"does not list {BAKEREN_BERGEN} as a main unit"):
        run("adopt_parties", FISKEREN, BAKEREN_BERGEN)
    with pytest.raises(CommandError, match="or --all"):
        run("adopt_parties")
    assert not Client.objects.exists()

    assert "Registered 1" in run("adopt_parties", "313 170 004")
    assert "Registered 2" in run("adopt_parties", "--all")
    assert "Registered 0" in run("adopt_parties", "--all")
    assert Client.objects.count() == 3


def test_the_registrations_are_listed_without_national_ids(
    bakeren: Client, regnskap: SystemUser, now: datetime
) -> None:
    person = listed(PERSON, "Åse Dahl")
    actions.keep_in_step(regnskap, decoded(BAKEREN_LISTED, FISKEREN_LISTED, person), now=now)
    actions.adopt_parties(Party.objects.filter(name="Åse Dahl"), actor=None, now=now)

    said = run("list_registrations")

    assert f"{BAKEREN} Bakeren AS, kari@firmaet.invalid" in said
    assert f"    {BAKEREN_BERGEN} BAKEREN AS AVD BERGEN" in said
    assert "(person)  Åse Dahl" in said
    assert f"{FISKEREN} FISKEREN AS" in said
    assert "Regnskap: agent, owner 923609016, reference “regnskap”, 4 parties" in said
    assert "01017" not in said


def test_the_register_is_read_by_command(registered: SystemUser) -> None:
    client = Client.objects.filter(orgnr__isnull=False, is_firm=False).order_by("name")[0]

    said = run("read_register", client.orgnr or "")

    assert f"{client.orgnr} {client.name}: " in said
    assert "accountant" in said
    assert said.endswith("Read: 1\n")
    with pytest.raises(CommandError, match="No client in use has the number 310495921"):
        run("read_register", BAKEREN)


def test_subscriptions_are_listed_and_compared_by_command(
    registered: SystemUser, altinn: Altinn, now: datetime
) -> None:
    access = Access.objects.filter(system_user=registered)[0]
    Subscription.objects.create(
        access=access,
        resource="urn:altinn:resource:skd-mva",
        state=Subscription.State.VALIDATED,
        altinn_id=99,
        address="earlier",
        wanted_at=now,
    )

    said = run("list_subscriptions", "--system-user", "Regnskap")
    assert "Regnskap: 1 work, 0 wait, 0 are read by polling alone, 0 stopped" in said
    assert "1 have an address made with an earlier key" in said

    said = run("list_subscriptions", "--compare")
    assert "Regnskap: 0 at Altinn, 1 wanted again" in said
    assert "Regnskap: 0 work, 1 wait" in said
