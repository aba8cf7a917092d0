"""What somebody has been told behind the bell, and what was done at service owners, as tables."""

from collections.abc import Iterator
from datetime import date, datetime

from django.http import QueryDict
from django.utils.translation import gettext as _

from clients.masking import mask
from dialogs.answering.receipts import RELATED, Receipt
from dialogs.exporting.forms import ReceiptsForm
from dialogs.exporting.periods import begins, ends
from dialogs.exporting.table import Row, Table, of_query
from dialogs.models import ServiceAction
from dialogs.notes import bell
from staff.models import User
from staff.tables import Cell


def notices(user: User, _query: QueryDict, *, now: datetime) -> Table:
    headings = [_("Tidspunkt"), _("Varsel"), _("Kommentar"), _("Lest")]

    def count(most: int) -> int:
        return bell.told(user).filter(is_in_bell=True)[: most + 1].count()

    def batches() -> Iterator[list[Row]]:
        page = bell.page_of(user, before=None, now=now)
        while True:
            yield [_notice(line) for line in page.lines]
            if page.next is None:
                return
            page = bell.page_of(user, before=page.next, now=now)

    return Table(headings, count, batches)


def _notice(line: bell.Line) -> Row:
    one = line.notice
    return Row(str(one.pk), [one.created_at, line.text, line.comment, one.read_at])


def seen_notices(user: User, keys: list[str]) -> int:
    return bell.told(user).filter(pk__in=keys).count()


def receipts(user: User, query: QueryDict, *, now: datetime) -> Table:
    """What was done for clients this person may see; the newest first."""
    form = ReceiptsForm(query)
    form.is_valid()
    wanted = form.cleaned_data
    found = ServiceAction.objects.visible_to(user).select_related(*RELATED)
    found = found.defer("dialog__copy__received", "dialog__copy__search", "request", "answer")
    first: date | None = wanted.get("fra")
    last: date | None = wanted.get("til")
    if first:
        found = found.filter(asked_at__gte=begins(first))
    if last:
        found = found.filter(asked_at__lt=ends(last))
    headings = [
        _("Kvittering"),
        _("Klient"),
        _("Org.nr."),
        _("Dialog"),
        _("Handling"),
        _("Tjenesteeier"),
        _("Utfall"),
        _("Bedt om"),
        _("Bedt om av"),
        _("Godkjent av"),
        _("Sendt"),
        _("Avgjort"),
        _("Referanse"),
        _("Svarkode"),
    ]

    def rows(some: list[ServiceAction]) -> Iterator[Row]:
        mask((one.dialog.client for one in some), user=user)
        for one in some:
            cells: list[Cell] = [
                one.pk,
                one.dialog.client.name,
                one.dialog.client.orgnr,
                one.dialog.copy.title,
                one.name,
                str(one.dialog.owner),
                Receipt(one).state,
                one.asked_at,
                one.actor.name,
                one.approver.name if one.approver else "",
                one.sent_at,
                one.settled_at,
                one.reference,
                f"{one.response_code or ''} {one.code}".strip(),
            ]
            yield Row(str(one.pk), cells)

    return of_query(headings, found.order_by("-asked_at", "-pk"), rows)


def seen_receipts(user: User, keys: list[str]) -> int:
    return ServiceAction.objects.visible_to(user).filter(pk__in=keys).count()
