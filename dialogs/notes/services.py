"""What the firm knows of a service: its area, and the steps to go through."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from clients.models import ServiceArea
from dialogs.models import ChecklistStep, Note, Service
from staff import audit
from staff.models import User

AREA_SET = "service.area_set"
STEP_ADDED = "service.step_added"
STEP_REWORDED = "service.step_reworded"
STEP_MOVED = "service.step_moved"
STEP_RETIRED = "service.step_retired"
STEP_RESTORED = "service.step_restored"
AREA_ADDED = "area.added"
AREA_RENAMED = "area.renamed"
AREA_MOVED = "area.moved"

UP, DOWN = -1, 1
NO_AREA = "ingen"
STRIDE = 10  # between positions

Thing = TypeVar("Thing", bound=Any)


def services(words: str, area: str) -> QuerySet[Service]:
    """List services by name, with how many steps each has and whether there is a guide."""
    guide = Note.objects.filter(service=OuterRef("pk"), is_pinned=True, deleted_at=None)
    found = Service.objects.select_related("owner", "area").annotate(
        step_count=Count("checklist", filter=Q(checklist__retired_at=None)),
        has_guide=Exists(guide),
    )
    if words:
        found = found.filter(
            Q(name__icontains=words) | Q(urn__icontains=words) | Q(owner__name__icontains=words)
        )
    if area == NO_AREA:
        found = found.filter(area=None)
    elif area.isascii() and area.isdigit() and len(area) < 10:
        found = found.filter(area=int(area))
    return found.order_by(Lower("name"), "urn")


def set_area(service: Service, area: ServiceArea | None, *, actor: User, now: datetime) -> None:
    """Say which area a service belongs to: who gets its new dialogs depends on it."""
    before = service.area
    if area == before:
        return
    with transaction.atomic():
        Service.objects.filter(pk=service.pk).update(area=area)
        names = {"before": before and before.name, "after": area and area.name}
        _record(service, AREA_SET, actor=actor, now=now, **names)
    service.area = area


def add_step(service: Service, text: str, *, actor: User, now: datetime) -> ChecklistStep:
    with transaction.atomic():
        steps = _steps(service)
        position = max((one.position for one in steps), default=0) + STRIDE
        step = ChecklistStep.objects.create(service=service, text=text, position=position)
        _record(service, STEP_ADDED, actor=actor, now=now, step=step.pk, text=text)
    return step


def reword_step(step: ChecklistStep, text: str, *, actor: User, now: datetime) -> None:
    if text == step.text:
        return
    with transaction.atomic():
        ChecklistStep.objects.filter(pk=step.pk).update(text=text)
        words = {"before": step.text, "after": text}
        _record(step.service, STEP_REWORDED, actor=actor, now=now, step=step.pk, **words)


def move_step(step: ChecklistStep, by: int, *, actor: User, now: datetime) -> None:
    with transaction.atomic():
        steps = _steps(step.service)
        if move(steps, step.pk, by):
            _record(step.service, STEP_MOVED, actor=actor, now=now, step=step.pk, by=by)


def retire_step(step: ChecklistStep, *, actor: User, now: datetime) -> None:
    """Stop asking for a step. Where it was ticked, it stays."""
    with transaction.atomic():
        if ChecklistStep.objects.filter(pk=step.pk, retired_at=None).update(retired_at=now):
            _record(step.service, STEP_RETIRED, actor=actor, now=now, step=step.pk)


def restore_step(step: ChecklistStep, *, actor: User, now: datetime) -> None:
    with transaction.atomic():
        retired = ChecklistStep.objects.filter(pk=step.pk, retired_at__isnull=False)
        if retired.update(retired_at=None):
            _record(step.service, STEP_RESTORED, actor=actor, now=now, step=step.pk)


def add_area(name: str, *, actor: User, now: datetime) -> ServiceArea:
    with transaction.atomic():
        last = ServiceArea.objects.order_by("-position").first()
        position = (last.position if last else 0) + STRIDE
        area = ServiceArea.objects.create(name=name, position=position)
        audit.record(actor=actor, act=AREA_ADDED, about=f"area {area.pk}", now=now, name=name)
    return area


def rename_area(area: ServiceArea, name: str, *, actor: User, now: datetime) -> None:
    if name == area.name:
        return
    with transaction.atomic():
        ServiceArea.objects.filter(pk=area.pk).update(name=name)
        about = f"area {area.pk}"
        words = {"before": area.name, "after": name}
        audit.record(actor=actor, act=AREA_RENAMED, about=about, now=now, **words)


def move_area(area: ServiceArea, by: int, *, actor: User, now: datetime) -> None:
    with transaction.atomic():
        areas = list(ServiceArea.objects.select_for_update(no_key=True))
        if move(areas, area.pk, by):
            audit.record(actor=actor, act=AREA_MOVED, about=f"area {area.pk}", now=now, by=by)


def move(things: Sequence[Thing], pk: int, by: int) -> bool:
    """Move one of some ordered rows a place up or down; return whether there was a place."""
    order = list(things)
    at = next((number for number, one in enumerate(order) if one.pk == pk), -1)
    to = at + by
    if at < 0 or not 0 <= to < len(order):
        return False
    order[at], order[to] = order[to], order[at]
    for number, one in enumerate(order, start=1):
        one.position = number * STRIDE
    type(order[0]).objects.bulk_update(order, ["position"])
    return True


def _steps(service: Service) -> list[ChecklistStep]:
    """Return the steps in use, in order, while nobody else changes the checklist."""
    Service.objects.select_for_update(no_key=True).get(pk=service.pk)
    return list(ChecklistStep.objects.filter(service=service, retired_at=None))


def _record(service: Service, act: str, *, actor: User, now: datetime, **detail: Any) -> None:
    audit.record(actor=actor, act=act, about=f"service {service.pk}", now=now, **detail)
