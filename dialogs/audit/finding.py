"""What somebody looks for in the audit log, and the entries that are theirs to read."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.forms import StyledForm, without_spaces
from clients.masking import called
from clients.models import Client
from dialogs.audit import words
from dialogs.audit.kinds import Kind, kind_of
from staff.models import AuditEntry, User

PORTAL = "portalen"
MOST_CLIENTS = 200  # that a name may fit


class FindForm(StyledForm):
    """What makes no sense is left out."""

    person = forms.ChoiceField(label=_("Hvem"), required=False)
    klient = forms.CharField(label=_("Klient"), required=False, max_length=100)
    hva = forms.ChoiceField(label=_("Hva"), required=False)
    fra = forms.DateField(
        label=_("Fra og med"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    til = forms.DateField(
        label=_("Til og med"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        people = User.objects.order_by("-is_active", "first_name", "last_name", "email")
        self.fields["person"].choices = [  # type: ignore[attr-defined]
            ("", _("Alle")),
            (PORTAL, _("Portalen selv, eller ingen innlogget")),
            *((str(user.pk), user.name) for user in people),
        ]
        by_kind: dict[Kind, list[str]] = {kind: [] for kind in Kind}
        for act in words.ACTS:
            by_kind[kind_of(act)].append(act)
        self.fields["hva"].choices = [  # type: ignore[attr-defined]
            ("", _("Alt")),
            *(
                (kind.label, [(kind.value, _("Alt av dette")), *words.in_order(acts)])
                for kind, acts in by_kind.items()
            ),
        ]


@dataclass(frozen=True)
class Wanted:
    """What is looked for, as the form understood it."""

    person: str = ""
    client: str = ""
    act: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def by(cls, form: FindForm) -> "Wanted":
        form.is_valid()
        got = form.cleaned_data
        return cls(
            got.get("person", ""),
            got.get("klient", ""),
            got.get("hva", ""),
            got.get("fra"),
            got.get("til"),
        )

    def as_detail(self) -> dict[str, str]:
        """Return what the log itself keeps of a search: no words, which may be a name."""
        facts = {
            "person": self.person,
            "what": self.act,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "by_client": "yes" if self.client else "",
        }
        return {name: value for name, value in facts.items() if value}


def entries_for(user: User, wanted: Wanted) -> QuerySet[AuditEntry]:
    """Return what this person may read of the log and looks for, the newest first.

    Who sees all clients reads all of it. Others read of the clients they see, and nothing else.
    """
    found = AuditEntry.objects.order_by("-at", "-pk")
    if not user.may_see_all_clients:
        found = found.filter(client_id__in=Client.objects.visible_to(user).values("pk"))
    if wanted.person:
        found = found.filter(actor=None if wanted.person == PORTAL else int(wanted.person))
    if wanted.client:
        found = found.filter(client_id__in=_clients(user, wanted.client))
    if wanted.act:
        found = found.filter(act__in=_acts(wanted.act))
    if wanted.since:
        found = found.filter(at__gte=_begin_of(wanted.since))
    if wanted.until and wanted.until < date.max:
        found = found.filter(at__lt=_begin_of(wanted.until + timedelta(days=1)))
    return found


def _clients(user: User, text: str) -> list[int]:
    """Return the clients somebody means; a person whose name they are not shown, by number."""
    visible = Client.objects.visible_to(user)
    digits = without_spaces(text)
    if digits.isascii() and digits.isdecimal() and len(digits) < 18:
        wanted = Q(orgnr=digits) | Q(pk=int(digits))
        return list(visible.filter(wanted).values_list("pk", flat=True))
    return list(visible.filter(called(text, user=user)).values_list("pk", flat=True)[:MOST_CLIENTS])


def _acts(text: str) -> list[str]:
    if text in Kind.values:
        return sorted(act for act in words.ACTS if kind_of(act) == text)
    return [text]


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone())


def older_than(found: QuerySet[AuditEntry], pk: int | None) -> QuerySet[AuditEntry]:
    """Keep what comes after one entry in the list; found by index, however far down it is."""
    last = AuditEntry.objects.filter(pk=pk).values_list("at", "pk").first() if pk else None
    if last is None:
        return found
    at, pk = last
    return found.filter(Q(at__lt=at) | Q(at=at, pk__lt=pk), at__lte=at)
