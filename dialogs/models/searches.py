"""Searches that people keep."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from staff.models import Team, User


class SavedSearchQuerySet(models.QuerySet["SavedSearch"]):
    def offered_to(self, user: User) -> Self:
        """Keep this person's own, their teams', and everybody's."""
        return self.filter(
            Q(owner=user)
            | Q(visibility=SavedSearch.Visibility.ALL)
            | Q(visibility=SavedSearch.Visibility.TEAM, team__in=user.teams.all())
        )


class SavedSearch(models.Model):
    """A list that somebody wants to come back to. What it lists depends on who looks."""

    class Visibility(models.TextChoices):
        ME = "ME", _("Bare meg")
        TEAM = "TEAM", _("Teamet")
        ALL = "ALL", _("Alle")

    name = models.CharField(_("navn"), max_length=80)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    visibility = models.CharField(
        _("hvem ser søket"), max_length=4, choices=Visibility, default=Visibility.ME
    )
    team = models.ForeignKey(
        Team, null=True, blank=True, on_delete=models.CASCADE, verbose_name=_("team")
    )
    query = models.TextField()  # as Filters.as_query() writes it; empty: the inbox
    in_menu = models.BooleanField(_("vis i menyen"), default=True)
    shows_count = models.BooleanField(_("vis antall"), default=True)
    created_at = models.DateTimeField()

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(visibility="TEAM") | Q(team__isnull=False), name="search_has_team"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class StartSearch(models.Model):
    """The search somebody wants to begin with instead of Min dag."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="+")
    search = models.ForeignKey(SavedSearch, on_delete=models.CASCADE)

    def __str__(self) -> str:
        return f"{self.user_id} {self.search_id}"
