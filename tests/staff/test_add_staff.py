import sys
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from staff.models import AuditEntry, User

PASSWORD = "riktig hest batteri stift"


def run(*words: str) -> str:
    out = StringIO()
    call_command("add_staff", *words, stdout=out, stderr=out)
    return out.getvalue()


@pytest.fixture
def password_file(tmp_path: Path) -> str:
    path = tmp_path / "password"
    path.write_text(f"{PASSWORD}\n")
    return str(path)


def test_somebody_gets_an_account_with_a_password_from_a_file(db: None, password_file: str) -> None:
    said = run(
        "Kari@Firmaet.invalid",
        *("--first-name", "Kari", "--last-name", "Hansen", "--team", "Lønn", "--team", "Post"),
        *("--all-clients", "--password-file", password_file),
    )

    kari = User.objects.get(email="kari@firmaet.invalid")
    assert kari.check_password(PASSWORD)
    assert (kari.name, kari.role, kari.sees_all_clients) == ("Kari Hansen", "ACCOUNTANT", True)
    assert sorted(team.name for team in kari.teams.all()) == ["Lønn", "Post"]
    assert PASSWORD not in said
    assert PASSWORD not in str(AuditEntry.objects.get().detail)


def test_the_password_comes_from_standard_input(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", StringIO(f"{PASSWORD}\r\n"))

    run("kari@firmaet.invalid", "--role", "admin", "--password-stdin")

    assert User.objects.get().check_password(PASSWORD)
    assert User.objects.get().is_admin


def test_again_changes_what_is_given_and_leaves_the_rest(kari: User, password_file: str) -> None:
    kari.set_password("hennes eget valgte")
    kari.save()

    said = run("KARI@firmaet.invalid", "--role", "manager", "--password-file", password_file)

    kari.refresh_from_db()
    assert (kari.role, kari.first_name) == ("MANAGER", "Kari")
    assert kari.check_password("hennes eget valgte")
    assert "The password was kept" in said

    run(kari.email, "--password-file", password_file, "--reset-password")

    kari.refresh_from_db()
    assert kari.role == "MANAGER"
    assert kari.check_password(PASSWORD)


def test_without_a_password_they_cannot_log_in_and_it_is_said(db: None) -> None:
    assert "cannot log in yet" in run("kari@firmaet.invalid")
    assert not User.objects.get().has_usable_password()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("kort\n", "too short"),
        ("\n", "one line, and not empty"),
        ("to linjer\nmed passord", "one line"),
        ("kari@firmaet.invalid", "too similar"),
    ],
)
def test_a_poor_password_is_refused_in_english_and_not_repeated(
    content: str, said: str, db: None, tmp_path: Path
) -> None:
    path = tmp_path / "password"
    path.write_text(content)

    with pytest.raises(CommandError) as refused:
        run("kari@firmaet.invalid", "--password-file", str(path))

    assert said in str(refused.value)
    assert content not in str(refused.value)
    assert not User.objects.exists()


def test_bad_input_is_refused(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="is not an e-mail address"):
        run("kari")
    with pytest.raises(CommandError, match="cannot be read"):
        run("kari@firmaet.invalid", "--password-file", str(tmp_path / "none"))
    with pytest.raises(CommandError, match="role"):
        run("kari@firmaet.invalid", "--role", "boss")
    assert not User.objects.exists()
