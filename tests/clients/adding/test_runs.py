"""Adding clients one by one: each once, whatever happens on the way."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from altinn.delegation import ClientDelegation
from altinn.enhetsregisteret import ACCOUNTANT
from altinn.errors import TryLater
from clients.adding import diff, person, runs, sending, tasks
from clients.finding.discovery import judge_all
from clients.finding.verdicts import Reason
from clients.models import (
    AddingItem,
    AddingRun,
    Candidate,
    DelegationSnapshot,
    PersonConnection,
    SystemUser,
)
from staff.models import AuditEntry, User
from tests.clients.adding.conftest import (
    added,
    calls,
    new_agent,
    outcomes,
    pid_of,
    take_on,
    walk,
)
from tests.stand_in import Altinn

pytestmark = pytest.mark.django_db
FAST = 100_000
State = AddingRun.State
Wish = AddingItem.Wish


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """However fast it goes, it stops to look around after each client."""
    monkeypatch.setattr(sending, "AT_ONCE", 1)


def chosen(agent: SystemUser, most: int = 1000) -> diff.Chosen:
    return diff.plain(diff.view(agent, diff.READY))[:most]


def begun(agent: SystemUser, user: User, most: int = 1000, **more: Any) -> AddingRun:
    now = timezone.now()
    what = more.pop("what", None) or chosen(agent, most)
    run = runs.draft(agent, what, wish=more.pop("wish", Wish.ADD), actor=user, now=now)
    assert runs.begin(run, per_minute=FAST, actor=user, now=now)
    return run


def work(run: AddingRun, **more: Any) -> bool:
    more_to_do = sending.work(run.pk, now=timezone.now(), **more)
    run.refresh_from_db()
    return more_to_do


def test_the_lists_say_who_is_ready(listed: SystemUser, altinn: Altinn) -> None:
    numbers = diff.counts(listed)

    assert numbers.added == 0
    assert numbers.ready > 20
    assert numbers.ready_ours == 0
    ours = take_on(listed, most=3)
    assert diff.counts(listed).ready_ours == len(ours)


def test_every_client_is_added_once_and_the_lists_follow(
    listed: SystemUser, connected: User, altinn: Altinn
) -> None:
    run = begun(listed, connected)
    wanted = set(run.items.values_list("orgnr", flat=True))
    altinn.delete("/requests")

    assert not work(run)

    assert run.state == State.FINISHED
    done = set(run.items.filter(state="DONE").values_list("orgnr", flat=True))
    assert added(altinn, connected, listed) == done
    sent = calls(altinn)
    assert len(sent) == len(set(sent)) == len(wanted)
    told = AuditEntry.objects.filter(act="client added to agent", actor=connected)
    assert {entry.detail["orgnr"] for entry in told} == done
    assert (
        set(DelegationSnapshot.objects.filter(is_added=True).values_list("orgnr", flat=True))
        == done
    )


def test_what_is_found_of_a_client_follows_when_it_is_added(
    listed: SystemUser, connected: User, now: datetime
) -> None:
    """«Finn klienter» says what is so, without another search."""
    _uuid, orgnr, name = chosen(listed)[0]
    Candidate.objects.create(orgnr=orgnr, name=name, roles=[ACCOUNTANT])
    assert list(judge_all(now=now)) == [1]
    assert Candidate.objects.get().reason == Reason.READY

    work(begun(listed, connected, most=1))

    assert Candidate.objects.get().reason == Reason.ADDED_NOT_SEEN


def test_what_altinn_refuses_for_one_client_is_told_and_the_others_go_on(
    listed: SystemUser, connected: User, altinn: Altinn
) -> None:
    barred = next(row for row in altinn.get("/onboarding") if row["fault"] == "access-list")
    taken = chosen(listed)[0][1]
    run = begun(listed, connected)
    altinn.post("/units", {"orgnr": taken, "take": "all"})

    work(run)

    assert run.state == State.FINISHED
    refused = {item.orgnr: item for item in run.items.filter(state="REFUSED")}
    assert set(refused) == {barred["orgnr"], taken}
    assert refused[taken].code == "AUTH-00080"
    assert refused[barred["orgnr"]].code == "AUTH-00069"
    assert all(len(item.sentence) > 20 for item in refused.values())
    again = runs.retry_refused(run, actor=connected, now=timezone.now())
    assert again is not None
    assert set(again.items.values_list("orgnr", flat=True)) == set(refused)


def test_those_altinn_has_already_are_not_sent(
    listed: SystemUser, connected: User, altinn: Altinn
) -> None:
    what = chosen(listed, 3)
    with person.delegation(connected) as api:
        api.add(listed.requests.get().altinn_id, what[0][0])  # type: ignore[arg-type]
    run = begun(listed, connected, what=what)
    altinn.delete("/requests")

    work(run)

    assert outcomes(run) == {"ALREADY": 1, "DONE": 2}
    assert len(calls(altinn)) == 2


def test_clients_are_taken_away_the_same_way(
    listed: SystemUser, connected: User, altinn: Altinn
) -> None:
    work(begun(listed, connected, 4))
    have = added(altinn, connected, listed)
    what = diff.plain(diff.view(listed, diff.ADDED))[:2]

    run = begun(listed, connected, what=what, wish=Wish.REMOVE)
    work(run)

    assert outcomes(run) == {"DONE": 2}
    assert added(altinn, connected, listed) == have - {orgnr for _uuid, orgnr, _name in what}
    assert AuditEntry.objects.filter(act="client taken from agent").count() == 2


def test_a_time_out_is_looked_up_and_never_sent_again_blindly(
    listed: SystemUser, connected: User, altinn: Altinn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Altinn took the first, and its answer was lost."""
    run = begun(listed, connected, 3)
    altinn.delete("/requests")
    real = ClientDelegation.add

    def lost(self: ClientDelegation, *given: Any) -> None:
        real(self, *given)
        raise TryLater("No answer in time")

    with monkeypatch.context() as broken:
        broken.setattr(ClientDelegation, "add", lost)
        assert not work(run)
    assert outcomes(run) == {"UNKNOWN": 1, "WANTED": 2}
    assert run.state == State.RUNNING
    assert run.wait_until_at is not None
    assert run.pk not in sending.due(now=timezone.now())
    assert "Altinn svarer ikke nå" in run.trouble

    later = run.wait_until_at + timedelta(seconds=1)
    assert sending.due(now=later) == [run.pk]
    sending.work(run.pk, now=later)

    assert outcomes(run) == {"DONE": 3}
    assert len(calls(altinn)) == 3
    assert AuditEntry.objects.filter(act="client added to agent").count() == 3


def test_what_never_reached_altinn_is_sent_after_it_was_looked_up(
    listed: SystemUser, connected: User, altinn: Altinn, now: datetime
) -> None:
    run = begun(listed, connected, 3)
    first = run.items.order_by("pk")[0]
    AddingItem.objects.filter(pk=first.pk).update(state="SENT", tries=1, tried_at=now)

    work(run)

    assert outcomes(run) == {"DONE": 3}


def test_a_client_altinn_never_answers_for_is_given_up_after_some_tries(
    listed: SystemUser, connected: User, altinn: Altinn
) -> None:
    run = begun(listed, connected, 2)
    first = run.items.order_by("pk")[0]
    AddingItem.objects.filter(pk=first.pk).update(state="UNKNOWN", tries=sending.MOST_TRIES)

    work(run)

    assert outcomes(run) == {"DONE": 1, "REFUSED": 1}
    assert run.items.get(state="REFUSED").sentence


def test_somebody_who_is_no_client_administrator_is_told_and_nothing_is_refused(
    listed: SystemUser, connected: User, admins: Any, altinn: Altinn
) -> None:
    run = begun(listed, connected, 2)
    walk(admins, altinn, pid=pid_of(altinn, administers=False))

    work(run)

    assert run.state == State.STOPPED
    assert run.trouble
    assert outcomes(run) == {"WANTED": 2}
    walk(admins, altinn)
    assert runs.resume(run, actor=connected, now=timezone.now())
    work(run)
    assert run.state == State.FINISHED


def test_when_the_sign_in_ends_it_waits_and_goes_on_where_it_was(
    listed: SystemUser, connected: User, admins: Any, altinn: Altinn, one_by_one: None
) -> None:
    run = begun(listed, connected, 6)
    assert work(run, seconds=0)  # one client, then others get their turn
    assert outcomes(run) == {"DONE": 1, "WANTED": 5}

    person.disconnect(connected, actor=connected, now=timezone.now())
    assert not work(run)

    assert run.state == State.SIGN_IN
    assert "der den slapp" in run.trouble
    walk(admins, altinn)
    run.refresh_from_db()
    assert run.state == State.FINISHED  # the workers were rung for
    assert outcomes(run) == {"DONE": 6}
    assert len(calls(altinn)) == len(set(calls(altinn)))


def test_a_token_altinn_refuses_is_renewed_once(
    listed: SystemUser, connected: User, altinn: Altinn
) -> None:
    run = begun(listed, connected, 2)
    altinn.post("/faults", {"operation": "clientdelegation", "times": 1, "status": 401})

    work(run)

    assert outcomes(run) == {"DONE": 2}


def test_it_can_be_paused_and_goes_on_under_whoever_resumes_it(
    listed: SystemUser,
    connected: User,
    leder: User,
    altinn: Altinn,
    now: datetime,
    one_by_one: None,
) -> None:
    run = begun(listed, connected, 3)
    work(run, seconds=0)
    assert runs.pause(run, actor=connected, now=now)

    assert not work(run)
    assert run.state == State.PAUSED
    assert sending.due(now=now) == []
    assert runs.resume(run, actor=connected, now=now)
    work(run)

    assert run.state == State.FINISHED
    acts = AuditEntry.objects.filter(act__startswith="adding").order_by("pk")
    assert list(acts.values_list("act", flat=True)) == [
        "adding begun", "adding paused", "adding resumed", "adding finished",
    ]  # fmt: skip


def test_a_pause_is_noticed_while_it_runs(
    listed: SystemUser, connected: User, altinn: Altinn, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begun(listed, connected, 5)
    monkeypatch.setattr(sending, "AT_ONCE", 1)
    real = ClientDelegation.add

    def and_pause(self: ClientDelegation, *given: Any) -> None:
        real(self, *given)
        runs.pause(run, actor=connected, now=timezone.now())

    monkeypatch.setattr(ClientDelegation, "add", and_pause)
    work(run)

    assert run.state == State.PAUSED
    assert run.lease_until_at is None
    assert outcomes(run) == {"DONE": 1, "WANTED": 4}


def test_the_pace_is_kept(
    listed: SystemUser, connected: User, altinn: Altinn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At 600 a minute, a tenth of a second apart."""
    clock = [0.0]
    called: list[float] = []
    real = ClientDelegation.add

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    def add(self: ClientDelegation, *given: Any) -> None:
        called.append(clock[0])
        real(self, *given)

    run = begun(listed, connected, 15)
    AddingRun.objects.filter(pk=run.pk).update(per_minute=600)
    monkeypatch.setattr("clients.adding.sending.time.sleep", sleep)
    monkeypatch.setattr("clients.adding.sending.time.monotonic", lambda: clock[0])
    monkeypatch.setattr(ClientDelegation, "add", add)

    work(run)

    assert outcomes(run) == {"DONE": 15}
    assert called == pytest.approx([number / 10 for number in range(15)])


def test_two_workers_never_share_a_run(
    listed: SystemUser, connected: User, altinn: Altinn, now: datetime
) -> None:
    run = begun(listed, connected, 2)
    AddingRun.objects.filter(pk=run.pk).update(lease_until_at=now + sending.LEASE)

    assert not work(run)
    assert outcomes(run) == {"WANTED": 2}
    assert sending.due(now=now + sending.LEASE) == [run.pk]


def test_cancelling_keeps_what_is_done(
    listed: SystemUser, connected: User, altinn: Altinn, now: datetime, one_by_one: None
) -> None:
    run = begun(listed, connected, 4)
    work(run, seconds=0)

    runs.cancel(run, actor=connected, now=now)
    run.refresh_from_db()

    assert run.state == State.FINISHED
    assert outcomes(run) == {"DONE": 1}


def test_one_unfinished_run_at_a_time_and_a_draft_gives_way(
    listed: SystemUser, connected: User, now: datetime
) -> None:
    first = runs.draft(listed, chosen(listed, 2), wish=Wish.ADD, actor=connected, now=now)
    second = runs.draft(listed, chosen(listed, 3), wish=Wish.ADD, actor=connected, now=now)
    assert not AddingRun.objects.filter(pk=first.pk).exists()
    runs.begin(second, per_minute=60, actor=connected, now=now)

    with pytest.raises(ValueError, match="unfinished"):
        runs.draft(listed, chosen(listed, 1), wish=Wish.ADD, actor=connected, now=now)


def test_a_new_agent_takes_over_all_the_clients_of_the_old_one(
    listed: SystemUser, connected: User, altinn: Altinn, admin: User
) -> None:
    """An agent cannot be changed: with other packages it is a new one, and begins with nobody."""
    work(begun(listed, connected, 5))
    new = new_agent(altinn, admin, "Post og mer")
    tasks.read_lists(user=connected.pk)
    have = added(altinn, connected, listed)

    former = next(one for one in diff.formers(new) if one.system_user == listed)
    assert (former.able, former.unable) == (5, 0)
    what = diff.plain(diff.view(new, diff.READY).filter(diff.had_by(listed)))
    work(begun(new, connected, what=what))

    assert added(altinn, connected, new) == have


def test_those_the_new_agent_cannot_be_given_are_named(
    listed: SystemUser, connected: User, altinn: Altinn, admin: User
) -> None:
    work(begun(listed, connected, 5))
    lacking = listed.delegation_snapshots.filter(is_added=True).order_by("name")[0]
    altinn.post("/units", {"orgnr": lacking.orgnr, "take": "regnskapsforer-lonn"})
    new = new_agent(altinn, admin, "Ny")
    tasks.read_lists(user=connected.pk)

    assert [one.orgnr for one in diff.unable(new, listed)] == [lacking.orgnr]


def test_a_reading_that_is_refused_is_told_on_the_page(
    post: SystemUser, connected: User, admins: Any, altinn: Altinn
) -> None:
    walk(admins, altinn, pid=pid_of(altinn, administers=False))

    tasks.read_lists(user=connected.pk)

    assert PersonConnection.objects.get().trouble


def test_what_beat_takes_up(listed: SystemUser, connected: User, altinn: Altinn) -> None:
    run = begun(listed, connected, 2)

    tasks.run_due()

    run.refresh_from_db()
    assert run.state == State.FINISHED
