"""What leaves the portal on its own: who wants which notice where, what was sent, and calendars."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.models import Client
from dialogs.models.work import Notice
from staff.models import Team, User
from staff.sealing import SealedField


class NoticeChoices(models.Model):
    """What somebody wants to hear of, where and when. Without a row, the defaults hold."""

    class Chat(models.TextChoices):
        TEAMS = "TEAMS", "Microsoft Teams"
        SLACK = "SLACK", "Slack"

    user = models.OneToOneField(
        User, primary_key=True, on_delete=models.CASCADE, related_name="notice_choices"
    )
    # What differs from the defaults: {"ASSIGNED": {"EMAIL": false}}; see outgoing/events.py.
    events = models.JSONField(default=dict)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_to = models.TimeField(null=True, blank=True)
    is_quiet_on_free_days = models.BooleanField(default=False)
    chat = models.CharField(max_length=5, choices=Chat, blank=True)
    chat_host = models.CharField(max_length=255, blank=True)  # all of the address that is shown
    chat_url = SealedField(default=b"")  # sealed: who has it may write there

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_to=None)
                | Q(quiet_from__isnull=False, quiet_to__isnull=False),
                name="quiet_from_and_to",
            ),
        ]

    def __str__(self) -> str:
        return str(self.user_id)


class ClientNoticeChoice(models.Model):
    """A client that somebody wants to hear less of than of the others, or nothing but."""

    class Rule(models.TextChoices):
        MUTED = "MUTED", _("Ingen varsler")
        BELL = "BELL", _("Bare i portalen")
        ONLY = "ONLY", _("E-post og chat bare fra denne")

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="client_notice_choices")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    rule = models.CharField(max_length=5, choices=Rule)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "client"], name="client_notice_choice_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.client_id} {self.rule}"


class Delivery(models.Model):
    """Something to be sent to somebody, why, and what came of it. Written down before it is sent.

    Those of one person that are due together go as one message, whose id they share.
    """

    class Channel(models.TextChoices):
        EMAIL = "EMAIL", _("E-post")
        CHAT = "CHAT", _("Teams eller Slack")

    class State(models.TextChoices):
        WAITING = "WAITING", _("Venter")
        SENDING = "SENDING", _("Sendes")
        SENT = "SENT", _("Sendt")
        LEFT_OUT = "LEFT_OUT", _("Ikke sendt")  # there was no need any more
        REFUSED = "REFUSED", _("Ikke tatt imot")
        UNKNOWN = "UNKNOWN", _("Uvisst")  # it may have arrived, and is not sent again

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    channel = models.CharField(max_length=5, choices=Channel)
    event = models.CharField(max_length=11)  # a kind of notice, DAILY or WEEKLY
    # Null: a summary, or a notice that has been taken back.
    notice = models.ForeignKey(Notice, null=True, on_delete=models.SET_NULL, related_name="+")
    key = models.CharField(max_length=30)  # «notice 42», «DAILY 2026-11-28»: each is sent once
    is_chosen = models.BooleanField()  # by the person; else it is the default
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    is_held = models.BooleanField(default=False)  # came in quiet hours
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    tries = models.SmallIntegerField(default=0)
    message = models.UUIDField(null=True)
    address = models.CharField(max_length=255, blank=True)  # of a chat, its host
    sent_at = models.DateTimeField(null=True)
    settled_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "channel", "key"], name="delivered_once"),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["WAITING", "SENDING"]),
                name="delivery_due",
            ),
            models.Index(fields=["user", "-created_at"], name="delivery_by_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.channel} {self.key}"


class CalendarFeed(models.Model):
    """A secret address where a calendar program reads the deadlines its owner may see."""

    class Scope(models.TextChoices):
        USER = "USER", _("Mine dialoger")
        TEAM = "TEAM", _("Et team")
        CLIENT = "CLIENT", _("En klient")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="calendar_feeds")
    scope = models.CharField(max_length=6, choices=Scope)
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, null=True, on_delete=models.CASCADE, related_name="+")
    hides_clients = models.BooleanField(default=False)
    code_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(scope="USER", team=None, client=None)
                | Q(scope="TEAM", team__isnull=False, client=None)
                | Q(scope="CLIENT", team=None, client__isnull=False),
                name="calendar_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner_id} {self.scope}"
