"""Django's admin site for those who run the server: to look, and to put a team's name right.

Mounted where ADMIN_PATH says, and nowhere without it. Superusers alone, who have just shown again
who they are; for all others it is not there. It holds no clients, no dialogs and no keys: what
staff work with has pages of its own, which ask who may see it and write down what was done.
"""

from collections.abc import Callable
from functools import cached_property, wraps
from typing import Any

from django.contrib import admin
from django.core.paginator import Paginator
from django.db import models
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver
from django.utils import timezone

from clients.models import Subscription, SystemUser, VendorKey
from staff import audit
from staff.models import Team, User
from staff.recent import needs_recent_login

View = Callable[..., HttpResponse]
MOST_COUNTED = 10_000
# Who logs in, and how, is the portal's own pages' to say.
_LEFT_OUT = {"login", "logout", "password_change", "password_change_done"}


class AdminSite(admin.AdminSite):
    site_header = site_title = "Regnskapsportalen"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        return isinstance(user, User) and user.is_active and user.is_superuser

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002
        inner: View = needs_recent_login(super().admin_view(view, cacheable))

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not self.has_permission(request):
                raise Http404
            return inner(request, *args, **kwargs)

        return guarded

    def get_urls(self) -> list[URLPattern | URLResolver]:
        found: list[Any] = super().get_urls()
        kept = [one for one in found if getattr(one, "name", None) not in _LEFT_OUT]
        for one in kept:
            if isinstance(one, URLPattern):  # strangers log in on the portal's page
                one.callback.__dict__.pop("login_url", None)
        return kept


class Counted(Paginator):  # type: ignore[type-arg]
    """Counts no further than anybody pages: a table may hold millions."""

    object_list: models.QuerySet[Any]

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:MOST_COUNTED].count()


class ReadOnly(admin.ModelAdmin):  # type: ignore[type-arg]
    """To look at: the named fields, and no others that are added later."""

    actions = None
    paginator = Counted
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class Users(ReadOnly):
    list_display = ("email", "first_name", "last_name", "role", "is_active", "is_superuser")
    fields = (
        *list_display,
        "sees_all_clients",
        "teams",
        "language",
        "date_joined",
        "last_login",
    )
    search_fields = ("email", "first_name", "last_name")
    ordering = ("email",)


class Teams(ReadOnly):
    list_display = fields = ("name",)
    ordering = ("name",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True

    def save_model(self, request: Any, obj: Team, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        audit.record(
            actor=request.user, act="team renamed", about=f"team {obj.pk}", now=timezone.now(),
            name=obj.name,
        )  # fmt: skip


class SystemUsers(ReadOnly):
    list_display = ("name", "kind", "owner_orgnr", "is_active", "trouble_since_at")
    fields = (*list_display, "adds_clients", "parties_read_at", "polled_at", "trouble")
    ordering = ("name",)


class Subscriptions(ReadOnly):
    list_display = fields = ("resource", "state", "wanted_at", "last_event_at", "renewed_at")
    ordering = ("pk",)


class VendorKeys(ReadOnly):
    list_display = fields = (
        "kid",
        "state",
        "made_at",
        "registered_on",
        "expires_on",
        "retired_at",
    )
    ordering = ("-made_at",)


def _site() -> AdminSite:
    made = AdminSite()
    shown: dict[type[models.Model], type[ReadOnly]] = {
        User: Users,
        Team: Teams,
        SystemUser: SystemUsers,
        Subscription: Subscriptions,
        VendorKey: VendorKeys,
    }
    for model, looks in shown.items():
        made.register(model, looks)
    return made


site = _site()
