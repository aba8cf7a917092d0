"""What goes on top of the list, over HTTP. Everybody may read why; managers change it."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dialogs.models import PinRule
from dialogs.notes import rules
from dialogs.notes.firm_forms import RuleForm
from dialogs.notes.services import DOWN, UP
from dialogs.views import StaffRequest
from staff.rules import check, may_manage


@require_safe
@never_cache
def rule_list(request: StaffRequest) -> HttpResponse:
    """List the rules in the order they are tried."""
    manages = may_manage(request.user)
    pinned = rules.pinned_by_rule() if manages else {}
    context = {
        "rows": [(rule, pinned.get(rule.pk, 0)) for rule in rules.rules()],
        "may_manage": manages,
    }
    return render(request, "dialogs/notes/rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def rule_new(request: StaffRequest) -> HttpResponse:
    """Add a rule, once it has been seen what it hits."""
    check(may_manage(request.user))
    return _edit(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def rule_edit(request: StaffRequest, pk: int) -> HttpResponse:
    """Change a rule, once it has been seen what it hits."""
    rule = _rule(pk)
    check(may_manage(request.user))
    return _edit(request, rule)


@require_POST
def rule_change(request: StaffRequest, pk: int) -> HttpResponse:
    """Switch a rule on or off, or move it: one button each."""
    rule = _rule(pk)
    check(may_manage(request.user))
    actor, now, act = request.user, timezone.now(), request.POST.get("gjor", "")
    if act in {"opp", "ned"}:
        rules.move_rule(rule, UP if act == "opp" else DOWN, actor=actor, now=now)
    elif act in {"bruk", "hvil"}:
        rules.switch(rule, is_active=act == "bruk", actor=actor, now=now)
        said = _("Regelen er i bruk.") if act == "bruk" else _("Regelen er slått av.")
        messages.success(request, said)
    else:
        raise Http404(_("Fant ikke handlingen"))
    _apply(request)
    anchor = f"bruk-{pk}" if act in {"bruk", "hvil"} else f"{act}-{pk}"
    return redirect(f"{reverse('dialogs:rules')}#{anchor}")


def _rule(pk: int) -> PinRule:
    rule = rules.rules().filter(pk=pk).first()
    if rule is None:
        raise Http404(_("Fant ikke regelen"))
    return rule


def _edit(request: StaffRequest, rule: PinRule | None) -> HttpResponse:
    names = list(RuleForm.base_fields)
    initial = {name: getattr(rule, name) for name in names} if rule else {}
    if request.method != "POST":
        return _form(request, RuleForm(initial=initial), rule)
    form = RuleForm(request.POST)
    if not form.is_valid():
        return _form(request, form, rule, status=422)
    wanted = PinRule(pk=rule.pk if rule else None, **form.cleaned_data)
    if "vis" in request.POST:
        return _form(request, form, rule, preview=rules.preview(wanted, request.user))
    actor, now = request.user, timezone.now()
    if rule:
        rules.change_rule(wanted, before=rule, actor=actor, now=now)
    else:
        rules.add_rule(wanted, actor=actor, now=now)
    messages.success(request, _("Regelen er lagret."))
    _apply(request)
    return redirect("dialogs:rules")


def _apply(request: StaffRequest) -> None:
    if rules.apply_soon():
        messages.info(request, _("Listen ordnes på nytt om et øyeblikk."))
    else:
        said = _(
            "Køen svarer ikke. Nye dialoger følger regelen; de som er her alt, ordnes neste gang"
            " en regel endres."
        )
        messages.warning(request, said)


def _form(
    request: StaffRequest,
    form: RuleForm,
    rule: PinRule | None,
    *,
    status: int = 200,
    **context: Any,
) -> HttpResponse:
    context |= {"form": form, "rule": rule}
    return render(request, "dialogs/notes/rule.html", context, status=status)
