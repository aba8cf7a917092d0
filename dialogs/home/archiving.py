"""Archive a client that has left: what is open goes to a colleague, is finished, or stays.

The client itself is archived by `clients`; what becomes of its dialogs is ours to know.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from clients.actions import archive_client
from clients.forms import StyledForm
from clients.models import Client
from dialogs.bulk import jobs
from dialogs.bulk.acts import Act, fits
from dialogs.bulk.selection import Selection
from dialogs.home import hand_over, moving
from dialogs.home.colleagues import ColleagueField, working_here, workload
from dialogs.home.moving import Move
from dialogs.models import BulkJob, Dialog
from dialogs.views import StaffRequest
from staff.models import User
from staff.recent import changes_need_recent_login
from staff.rules import check_may_register

GIVE, FINISH, LEAVE = "gi", "ferdig", "la"


@dataclass(frozen=True)
class Wish:
    """What is to become of the open dialogs."""

    what: str = LEAVE
    receiver: User | None = None


class ArchiveForm(StyledForm):
    """Ask about the open dialogs; without any there is nothing to ask."""

    apne = forms.ChoiceField(
        label=gettext_lazy("Hva skal skje med de åpne dialogene?"),
        choices=[
            (GIVE, gettext_lazy("Gi dem til en kollega")),
            (FINISH, gettext_lazy("Merk dem som ferdige")),
            (LEAVE, gettext_lazy("La dem ligge hos dem som har dem")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Velg hva som skal skje med dem.")},
    )
    til = ColleagueField(
        User.objects.none(),
        label=gettext_lazy("Kollega som tar over"),
        required=False,
        empty_label=gettext_lazy("Velg en kollega"),
    )

    def __init__(
        self, *args: Any, has_open: bool, asker: User, today: date, **options: Any
    ) -> None:
        super().__init__(*args, **options)
        if not has_open:
            self.fields.clear()
            return
        receiver = self.fields["til"]
        assert isinstance(receiver, ColleagueField)  # noqa: S101
        receiver.queryset = working_here()
        receiver.says = workload(asker, today=today)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("apne") == GIVE and not cleaned.get("til") and "til" not in self.errors:
            self.add_error("til", _("Velg hvem som tar over."))
        return cleaned

    @property
    def wish(self) -> Wish:
        what = self.cleaned_data.get("apne", LEAVE)
        return Wish(what, self.cleaned_data["til"] if what == GIVE else None)


def archive(client: Client, wish: Wish, *, actor: User, now: datetime) -> BulkJob | None:
    """Archive a client, and do with its open dialogs as wished; return the job that finishes them.

    Finishing is a bulk job like any other: large ones are done by a worker, and it can be undone.
    """
    with transaction.atomic():
        Client.objects.select_for_update(of=("self",), no_key=True).get(pk=client.pk)
        if wish.receiver:
            _give(client, wish.receiver, actor=actor, now=now)
        archive_client(client, actor=actor, now=now)
    return _finish(client, actor=actor, now=now) if wish.what == FINISH else None


def _give(client: Client, receiver: User, *, actor: User, now: datetime) -> None:
    held = moving.hold(Dialog.objects.readable_by(actor).filter(client=client), lock=True)
    comment = _("%(client)s er arkivert") % {"client": client.name}
    unseen = hand_over.unseen_by(receiver, {client.pk})
    hand_over.join(receiver, unseen, actor=actor, now=now)
    moves = moving.readable(Move(one, receiver) for one in held)
    done = moving.carry_out(moves, actor=actor, now=now, comment=_("Klienten er arkivert"))
    for user, dialogs in done.items():
        if user:
            moving.tell_receiver(user, dialogs, actor=actor, now=now, comment=comment)
    moving.tell_former(done, actor=actor, now=now)


def _finish(client: Client, *, actor: User, now: datetime) -> BulkJob | None:
    ours = Dialog.objects.readable_by(actor).filter(fits(Act.DONE), client=client)
    chosen = Selection("", tuple(ours.values_list("pk", flat=True)))
    try:
        return jobs.start(Act.DONE, chosen, {}, actor=actor, now=now)
    except jobs.NothingToDo:
        return None


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@changes_need_recent_login
def client_archive(request: StaffRequest, pk: int) -> HttpResponse:
    """Ask what becomes of the open dialogs, then stop reading a client."""
    check_may_register(request.user)
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    if client.archived_at is not None:
        return redirect("clients:edit", pk)
    now = timezone.now()
    ours = Dialog.objects.readable_by(request.user).filter(client=client)
    numbers = hand_over.numbers(moving.hold(ours))
    count = numbers["inbox"] + numbers["snoozed"] + numbers["drafts"]
    data = request.POST if request.method == "POST" else None
    today = timezone.localdate(now)
    form = ArchiveForm(data, has_open=count > 0, asker=request.user, today=today)
    if data is not None and form.is_valid():
        job = archive(client, form.wish, actor=request.user, now=now)
        messages.success(request, _said(client, form.wish, job, count))
        return redirect("clients:list")
    status = 422 if request.method == "POST" else 200
    context = {"client": client, "form": form, "numbers": numbers, "count": count}
    return render(request, "dialogs/client/archive.html", context, status=status)


def _said(client: Client, wish: Wish, job: BulkJob | None, count: int) -> str:
    said = _("%s er arkivert.") % client.name
    more = ""
    if job and job.state != BulkJob.State.FINISHED:
        more = _("De åpne dialogene merkes som ferdige nå.")
    elif job:
        more = _("De åpne dialogene er merket som ferdige.")
    elif wish.receiver and count:
        given = ngettext(
            "%(n)s dialog er gitt til %(name)s.", "%(n)s dialoger er gitt til %(name)s.", count
        )
        more = given % {"n": count, "name": wish.receiver.name}
    return " ".join(filter(None, [said, more]))
