"""System users that the clients own themselves: ask many at once, and follow them."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.core.validators import validate_email
from django.db.models import Case, Count, IntegerField, Q, Value, When
from django.db.models.functions import Lower
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from clients.adding import standard, tasks
from clients.adding.forms import AskForm
from clients.forms import without_spaces
from clients.models import ONLY, SystemRegistration, SystemUserRequest
from clients.setup.letters import letter_for
from clients.setup.packages import ASKED_FOR
from clients.setup.states import Explained, explain
from clients.views import StaffRequest, posted, status_of
from staff.recent import changes_need_recent_login
from staff.rules import check_may_register

PAGE_SIZE = 100
Status = SystemUserRequest.Status
ENDED = (Status.REJECTED, Status.DENIED, Status.TIMEDOUT, Status.WITHDRAWN)


@dataclass(frozen=True)
class Row:
    """A request in the list, how it stands, and a letter ready to be written."""

    wish: SystemUserRequest
    state: Explained
    mailto: str


@require_safe
@never_cache
def requests(request: StaffRequest) -> HttpResponse:
    """List the requests to clients, those that need something first."""
    check_may_register(request.user)
    wanted = request.GET.get("vis", "")
    asked = standard.asked()
    if wanted in Status.values:
        asked = asked.filter(status=wanted)
    order = Case(
        When(status__in=ENDED, then=Value(0)),
        When(status=Status.UNSENT, then=Value(1)),
        When(status=Status.NEW, then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )
    page = Paginator(asked.order_by(order, Lower("area"), "pk"), PAGE_SIZE).get_page(
        request.GET.get("side")
    )
    now = timezone.now()
    numbers = dict(standard.asked().values_list("status").annotate(Count("pk")).order_by("status"))
    context = {
        "rows": [Row(wish, explain(wish, now=now), _mailto(wish, request)) for wish in page],
        "page": page,
        "states": [(one.value, one.label, numbers[one]) for one in Status if numbers.get(one)],
        "wanted": wanted,
        "without": standard.without().count(),
        "is_registered": _registration() is not None,
        "unmailed": standard.asked().filter(status=Status.NEW, mailed_at=None).count(),
        "can_mail": bool(settings.EMAIL_HOST),
    }
    return render(request, "clients/adding/standard.html", context)


def _registration() -> SystemRegistration | None:
    return SystemRegistration.objects.filter(pk=ONLY, registered_at__isnull=False).first()


def _mailto(wish: SystemUserRequest, request: StaffRequest) -> str:
    if wish.status != Status.NEW or not wish.confirm_url:
        return ""
    letter = letter_for(wish, sender=request.user)
    query = urlencode({"subject": letter.subject, "body": letter.body}, quote_via=quote)
    return f"mailto:{quote(standard.address_of(wish), safe='@')}?{query}"


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@changes_need_recent_login
def ask(request: StaffRequest) -> HttpResponse:
    """Choose clients and packages; a request is written down for each, and sent by a worker."""
    check_may_register(request.user)
    registration = _registration()
    if registration is None:
        messages.error(request, _("Registrer systemet i Altinn først."))
        return redirect("clients:setup")
    clients = standard.without()
    if words := request.GET.get("q", "").strip()[:100]:
        clients = clients.filter(
            Q(name__icontains=words) | Q(orgnr__startswith=without_spaces(words))
        )
    packages = [name for name in registration.packages if name in ASKED_FOR] or ASKED_FOR
    initial = {"packages": packages} if len(packages) == 1 else {}
    form = AskForm(posted(request), clients=clients, packages=packages, initial=initial)
    if form.is_valid():
        made = standard.ask(
            form.picked(),
            form.cleaned_data["packages"],
            actor=request.user,
            now=timezone.now(),
        )
        tasks.send_soon()
        text = ngettext(
            "%d forespørsel sendes til Altinn.", "%d forespørsler sendes til Altinn.", len(made)
        )
        messages.success(request, text % len(made))
        return redirect("clients:standard")
    page = Paginator(clients.order_by(Lower("name"), "pk"), PAGE_SIZE)
    context = {"form": form, "page": page.get_page(request.GET.get("side")), "q": words}
    return render(request, "clients/adding/standard_ask.html", context, status=status_of(request))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def letters(request: StaffRequest) -> HttpResponse:
    """Post the ready-written letters to those who are to approve, many at once."""
    check_may_register(request.user)
    waiting = standard.asked().filter(status=Status.NEW, mailed_at=None, mailed_to="")
    page = Paginator(waiting.order_by(Lower("area"), "pk"), PAGE_SIZE).get_page(
        request.GET.get("side")
    )
    rows = [_line(wish, request) for wish in page]
    if request.method == "POST" and settings.EMAIL_HOST:
        wanted = {line.wish: line.address for line in rows if line.address and not line.error}
        if wanted and not any(line.error for line in rows):
            standard.post_letters(wanted, actor=request.user, now=timezone.now())
            tasks.post_soon()
            text = ngettext("%d brev sendes.", "%d brev sendes.", len(wanted)) % len(wanted)
            messages.success(request, text)
            return redirect("clients:standard")
        if not wanted and not any(line.error for line in rows):
            messages.error(request, _("Skriv minst én e-postadresse. Ingenting er sendt."))
    context = {"rows": rows, "page": page, "can_mail": bool(settings.EMAIL_HOST)}
    return render(
        request, "clients/adding/standard_letters.html", context, status=status_of(request)
    )


@dataclass(frozen=True)
class Line:
    """One letter: to whom, and what is wrong with the address."""

    wish: SystemUserRequest
    address: str
    error: str


def _line(wish: SystemUserRequest, request: StaffRequest) -> Line:
    if request.method != "POST":
        return Line(wish, standard.address_of(wish), "")
    address = request.POST.get(f"til-{wish.pk}", "").strip()[:254]
    try:
        if address:
            validate_email(address)
    except forms.ValidationError:
        return Line(wish, address, _("Dette er ikke en e-postadresse."))
    return Line(wish, address, "")
