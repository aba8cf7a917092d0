"""The database itself says who alone may read a dialog, whoever writes and in whatever order."""

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from clients.models import Category, CategoryRestriction, CategoryService, Client
from dialogs import counters
from dialogs.home.categories import change_readers
from dialogs.models import Dialog, DialogQuerySet, FolderCount, Notice, Service
from staff.models import AuditEntry, User
from tests.dialogs.conftest import MakeDialog
from tests.stand_in import wait_until

HEALTH = "nav_sykepenger_"


def restrict(client: Client, category: Category, *readers: User) -> CategoryRestriction:
    restriction: CategoryRestriction = client.category_restrictions.create(category=category)
    restriction.readers.set(readers)
    return restriction


def test_what_is_there_and_what_comes_are_restricted_and_opened_again(
    bakeren: Client, rorleggeren: Client, health: Category, make_dialog: MakeDialog
) -> None:
    before = make_dialog(bakeren, owner=HEALTH)
    other, elsewhere = make_dialog(bakeren), make_dialog(rorleggeren, owner=HEALTH)
    assert before.restriction is None

    restriction = restrict(bakeren, health)
    after = make_dialog(bakeren, owner=HEALTH)

    restricted = Dialog.objects.filter(restriction=restriction)
    assert set(restricted) == {before, after}
    assert set(Dialog.objects.filter(restriction=None)) == {other, elsewhere}
    assert counters.drift() == {}
    restriction.delete()
    assert not Dialog.objects.filter(restriction__isnull=False).exists()
    assert counters.drift() == {}


def test_a_service_belongs_to_the_category_with_the_longest_pattern(
    bakeren: Client, health: Category, make_dialog: MakeDialog
) -> None:
    wide = restrict(bakeren, health)
    dialog = make_dialog(bakeren, owner=HEALTH)
    narrow = Category.objects.create(name="Lege")
    lege = CategoryService.objects.create(category=narrow, pattern=f"{dialog.service.urn[:-1]}*")
    dialog.refresh_from_db()
    assert dialog.restriction is None, "of another category, which is open here"

    exact = CategoryService.objects.create(category=health, pattern=dialog.service.urn)
    dialog.refresh_from_db()
    assert dialog.restriction == wide
    exact.delete()
    lege.delete()
    dialog.refresh_from_db()
    assert dialog.restriction == wide
    health.delete()
    dialog.refresh_from_db()
    assert dialog.restriction is None
    assert counters.drift() == {}


def test_a_dialog_that_moves_is_restricted_as_where_it_comes(
    bakeren: Client, rorleggeren: Client, health: Category, make_dialog: MakeDialog
) -> None:
    restriction = restrict(bakeren, health)
    dialog, mva = make_dialog(rorleggeren, owner=HEALTH), make_dialog(rorleggeren)
    Dialog.objects.filter(pk__in=[dialog.pk, mva.pk]).update(client=bakeren)

    assert set(Dialog.objects.filter(restriction=restriction)) == {dialog}
    Dialog.objects.filter(pk=mva.pk).update(service=dialog.service)
    assert set(Dialog.objects.filter(restriction=restriction)) == {dialog, mva}
    assert counters.drift() == {}


def test_a_new_one_goes_to_somebody_who_may_read_it_or_waits(
    bakeren: Client, kari: User, ola: User, health: Category, make_dialog: MakeDialog
) -> None:
    restriction = restrict(bakeren, health, kari)
    area_s = make_dialog(bakeren, owner=HEALTH, responsible=ola, assigned_why="AREA")
    assert (area_s.responsible, area_s.assigned_why) == (kari, "CLIENT_RESPONSIBLE")
    restriction.readers.set([])
    nobodys = make_dialog(bakeren, owner=HEALTH, responsible=ola, assigned_why="AREA")
    assert (nobodys.responsible, nobodys.assigned_why) == (None, "NO_READER")
    assert make_dialog(bakeren, responsible=ola).responsible == ola


def test_who_may_no_longer_read_them_loses_the_dialogs(
    admin: User,
    bakeren: Client,
    kari: User,
    ola: User,
    health: Category,
    make_dialog: MakeDialog,
    now: datetime,
) -> None:
    bakeren.members.add(ola)
    olas, karis = (make_dialog(bakeren, owner=HEALTH, responsible=one) for one in (ola, kari))
    open_one = make_dialog(bakeren, responsible=ola)

    assert change_readers(bakeren, {health: [kari]}, actor=admin, now=now)

    holders = dict(Dialog.objects.values_list("pk", "responsible"))
    assert holders == {olas.pk: None, karis.pk: kari.pk, open_one.pk: ola.pk}
    assert AuditEntry.objects.filter(about=f"dialog {olas.pk}", actor=admin).count() == 1
    assert Notice.objects.get(user=ola).kind == Notice.Kind.TAKEN
    assert not change_readers(bakeren, {health: [kari]}, actor=admin, now=now)
    assert not change_readers(bakeren, {health: None}, actor=admin, now=now)
    assert counters.drift() == {}


def test_whatever_happens_the_counters_agree_with_a_recount(
    bakeren: Client,
    rorleggeren: Client,
    kari: User,
    ola: User,
    health: Category,
    make_dialog: MakeDialog,
    now: datetime,
) -> None:
    chance = random.Random(14)  # noqa: S311 (not a secret)
    clients = [bakeren, rorleggeren]
    for number in range(12):
        make_dialog(clients[number % 2], owner=[HEALTH, "skd"][number % 3 == 0], due_in=number)
    keys = sorted(Dialog.objects.values_list("pk", flat=True))
    service = Service.objects.get(urn__contains=HEALTH)
    pattern = f"{service.urn[:-2]}*"
    other = Category.objects.create(name="Lege")

    def some() -> DialogQuerySet:
        return Dialog.objects.filter(pk__in=chance.sample(keys, 4))

    acts: list[Callable[[], object]] = [
        lambda: restrict(chance.choice(clients), chance.choice([health, other]), kari),
        lambda: CategoryRestriction.objects.order_by("?")[:1].get().delete(),
        lambda: CategoryService.objects.create(category=other, pattern=pattern),
        lambda: CategoryService.objects.filter(pattern=pattern).delete(),
        lambda: some().update(responsible=chance.choice([kari, ola, None])),
        lambda: some().update(done_at=chance.choice([now, None])),
        lambda: some().update(client=chance.choice(clients), is_unread=True),
        lambda: some().update(service=service),
    ]
    for _ in range(40):
        with suppress(IntegrityError, CategoryRestriction.DoesNotExist), transaction.atomic():
            chance.choice(acts)()
        assert counters.drift() == {}
    assert FolderCount.objects.exclude(restriction_key=0).exists()


def test_a_restriction_that_got_lost_is_found_and_put_back(
    bakeren: Client, health: Category, make_dialog: MakeDialog
) -> None:
    restriction = restrict(bakeren, health)
    dialog = make_dialog(bakeren, owner=HEALTH)
    Dialog.objects.filter(pk=dialog.pk).update(restriction=None)
    assert counters.drift() == {"dialogs_dialog": 1}

    counters.recount()

    dialog.refresh_from_db()
    assert dialog.restriction == restriction
    assert counters.drift() == {}


def test_a_dialog_that_is_coming_in_while_its_client_is_restricted_does_not_slip_through(
    transactional_db: None, bakeren: Client, health: Category, make_dialog: MakeDialog
) -> None:
    def waits() -> bool:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            )
            return bool(cursor.fetchone()[0])

    def restrict_it() -> None:
        try:
            restrict(bakeren, health)
        finally:
            connection.close()

    other = threading.Thread(target=restrict_it)
    with transaction.atomic():
        dialog = make_dialog(bakeren, owner=HEALTH)
        assert dialog.restriction is None
        other.start()
        wait_until(waits)
    other.join()

    dialog.refresh_from_db()
    assert dialog.restriction is not None
    assert counters.drift() == {}
