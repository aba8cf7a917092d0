"""Whom somebody may act for, and how colleagues are offered for a choice."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dialogs.counters import workloads
from dialogs.inbox.deadlines import short_date
from staff.models import Absence, User
from staff.rules import may_lead, workers


def may_act_for(actor: User, user: User) -> bool:
    """Everybody may hand over their own work; who leads, anybody's."""
    return actor == user or may_lead(actor)


def colleague_or_404(actor: User, pk: int) -> User:
    """Return the colleague, if this person may act for them.

    Raises:
        Http404: there is none such, or it is somebody else's business.
    """
    user = User.objects.filter(pk=pk).first()
    if user is None or not may_act_for(actor, user):
        raise Http404(_("Fant ikke kollegaen"))
    return user


def working_here(*, but: User | None = None) -> QuerySet[User]:
    """Return those who can take over work, by name."""
    people = workers()
    if but is not None:
        people = people.exclude(pk=but.pk)
    return people.order_by("first_name", "last_name", "email")


class ColleagueField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """A choice of colleagues that says how much each has open, and who is away."""

    def __init__(self, queryset: QuerySet[User], **options: Any) -> None:
        super().__init__(queryset, **options)
        self.says: dict[int, str] = {}

    def label_from_instance(self, obj: Any) -> str:
        says = self.says.get(obj.pk)
        return f"{obj.name} ({says})" if says else str(obj.name)


class ColleaguesField(forms.ModelMultipleChoiceField, ColleagueField):  # type: ignore[type-arg]
    """Several of them."""


def workload(asker: User, *, today: date) -> dict[int, str]:
    """Return «12 åpne, borte til 3. jan.» of everybody who has something open or is away."""
    counts = workloads(asker).items()
    says = {pk: [ngettext("%(n)s åpen", "%(n)s åpne", n) % {"n": n}] for pk, n in counts if n}
    for absence in Absence.objects.on(today):
        day = short_date(absence.to_on, today=today)
        says.setdefault(absence.user_id, []).append(_("borte til %(day)s") % {"day": day})
    return {pk: ", ".join(parts) for pk, parts in says.items()}
