"""Adding clients in the background. Every task is short, and safe to repeat."""

import logging

from celery import shared_task
from django.utils import timezone, translation
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from altinn.errors import AltinnError
from clients import tasks as clients_tasks
from clients.adding import lists, person, sending, standard
from clients.connect import NotConfigured
from clients.models import AddingRun, PersonConnection
from staff.models import User

log = logging.getLogger(__name__)


def ring_for(run: AddingRun) -> None:
    """Ask a worker to go on with a run. If Redis is down, beat does."""
    _queue(run_adding, key=run.pk)


def read_soon(user: User) -> bool:
    """Ask a worker to read the lists as this person; return whether the queue took it."""
    return _queue(read_lists, user=user.pk)


def _queue(task: object, **arguments: int) -> bool:
    try:
        task.apply_async(kwargs=arguments, retry=False)  # type: ignore[attr-defined]
    except (OperationalError, RedisError, OSError) as exc:
        log.warning("The workers were not rung for: %s", exc)
        return False
    return True


@shared_task
def run_adding(*, key: int) -> None:
    """Work on one run for a while, and queue the rest of it. Reading begins when it is finished."""
    if sending.work(key, now=timezone.now()):
        run_adding.delay(key=key)
    elif AddingRun.objects.filter(pk=key, state=AddingRun.State.FINISHED).exists():
        clients_tasks.keep_parties_in_step.apply_async(expires=600)


@shared_task
def run_due() -> None:
    """Take up runs that no bell rang for, whose worker was killed, or that waited for Altinn."""
    for key in sending.due(now=timezone.now()):
        run_adding.delay(key=key)


@shared_task
def read_lists(*, user: int) -> None:
    """Read every agent's two lists of clients as this person."""
    connection = PersonConnection.objects.select_related("user").filter(user=user).first()
    if connection is None:
        return
    with translation.override(connection.user.language):
        try:
            with person.delegation(connection.user) as api:
                trouble = " ".join(lists.read_all(api, now=timezone.now()))
        except person.NotConnected:
            return
        except NotConfigured as exc:
            trouble = str(exc)
        except AltinnError as exc:
            trouble = lists.said(exc)
    PersonConnection.objects.filter(pk=connection.pk).update(trouble=trouble[:2000])


REQUESTS_AT_ONCE = 40
LETTERS_AT_ONCE = 10


def send_soon() -> None:
    """Ask a worker to send the requests that are written down. If Redis is down, beat does."""
    _queue(send_requests)


def post_soon() -> None:
    _queue(post_letters)


@shared_task
def send_requests() -> None:
    """Put the requests for clients' own system users to Altinn, some at a time."""
    try:
        more = standard.send_waiting(most=REQUESTS_AT_ONCE)
    except NotConfigured as exc:
        log.warning("Requests for system users were not sent: %s", exc)
        return
    if more:
        send_requests.delay()


@shared_task
def post_letters() -> None:
    """Post the letters to those who are to approve, some at a time."""
    if standard.send_letters(most=LETTERS_AT_ONCE):
        post_letters.delay()
