"""When somebody leaves: shut out at once, their work in other hands, in one transaction."""

from datetime import datetime

from django.db import transaction

from clients.adding import person
from dialogs import live
from dialogs.home import hand_over
from dialogs.home.hand_over import Plan
from staff import people
from staff.models import User


def let_go(user: User, *, receiver: User | None, actor: User, now: datetime) -> None:
    """Deactivate somebody; `receiver` takes over all they have, else it is handed over later.

    Raises:
        LastAdmin: no other administrator works here.
    """
    with transaction.atomic():
        if receiver is not None:
            hand_over.hand_over(user, Plan(everything=receiver), actor=actor, now=now)
        people.deactivate(user, actor=actor, now=now)
        person.disconnect(user, actor=actor, now=now)
        live.tell_person(user.pk)
