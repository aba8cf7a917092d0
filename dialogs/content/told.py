"""Who did what in a dialog, in the words Altinn's own inbox uses."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from altinn.details import Details
from altinn.wire import Activity, ActivityType, Actor, ActorType, SeenEntry
from dialogs.content.language import Said, said
from dialogs.models import Dialog
from dialogs.work.days import moment_in_words

_TOLD: dict[ActivityType, Promise] = {
    ActivityType.DIALOG_CREATED: gettext_lazy("Dialogen ble opprettet av {actor}."),
    ActivityType.DIALOG_CLOSED: gettext_lazy("Dialogen ble lukket av {actor}."),
    ActivityType.TRANSMISSION_OPENED: gettext_lazy("{transmission} åpnet av {actor}."),
    ActivityType.PAYMENT_MADE: gettext_lazy("Betalingen ble utført av {actor}."),
    ActivityType.SIGNATURE_PROVIDED: gettext_lazy("Signert av {actor}."),
    ActivityType.DIALOG_OPENED: gettext_lazy("Dialogen ble åpnet av {actor}."),
    ActivityType.DIALOG_DELETED: gettext_lazy("Dialogen ble slettet av {actor}."),
    ActivityType.DIALOG_RESTORED: gettext_lazy("Dialogen ble gjenopprettet av {actor}."),
    ActivityType.SENT_TO_SIGNING: gettext_lazy("Sendt til signering av {actor}."),
    ActivityType.SENT_TO_FORM_FILL: gettext_lazy("Sendt til utfylling av skjema av {actor}."),
    ActivityType.SENT_TO_SEND_IN: gettext_lazy("Sendt til innsending av {actor}."),
    ActivityType.SENT_TO_PAYMENT: gettext_lazy("Sendt til betaling av {actor}."),
    ActivityType.FORM_SUBMITTED: gettext_lazy("Skjemaet ble sendt inn av {actor}."),
    ActivityType.FORM_SAVED: gettext_lazy("Skjemaet ble lagret av {actor}."),
    ActivityType.CORRESPONDENCE_OPENED: gettext_lazy("Meldingen ble åpnet av {actor}."),
    ActivityType.CORRESPONDENCE_CONFIRMED: gettext_lazy("Meldingen ble bekreftet av {actor}."),
}


@dataclass(frozen=True)
class Line:
    text: SafeString
    at: datetime | None
    moment: str
    lang: str = ""


@dataclass(frozen=True)
class Teller:
    """Tells of one dialog. `titles` are those of its transmissions."""

    dialog: Dialog
    titles: Mapping[UUID, Said]
    now: datetime

    def name_of(self, actor: Actor | None) -> str:
        """Return who it was; a service owner or a client is mostly not named by the dialog."""
        if actor is None or actor.actor_type is ActorType.UNKNOWN:
            return (actor.actor_name if actor else "") or _("ukjent")
        if actor.actor_type is ActorType.SERVICE_OWNER:
            return actor.actor_name or self.owner
        return actor.actor_name or self.dialog.client.name

    @property
    def owner(self) -> str:
        return self.dialog.copy.sender or str(self.dialog.owner)

    def activities(self, details: Details) -> list[Line]:
        """Return what happened, the latest first: Dialogporten sends it in no order."""

        def when(one: Activity) -> datetime:
            return one.created_at or details.created_at

        return [self._activity(one) for one in sorted(details.activities, key=when, reverse=True)]

    def _activity(self, one: Activity) -> Line:
        description = said(one.description)
        actor = format_html("<strong>{}</strong>", self.name_of(one.performed_by))
        wording = _TOLD.get(one.type)
        values = {"actor": actor, "transmission": self._title(one.transmission_id)}
        if wording:
            text = format_html(str(wording), **values)
        elif description:
            text = format_html("{actor}: {text}", actor=actor, text=description.text)
        else:
            text = format_html(_("Hendelse hos {actor}."), actor=actor)
        at = one.created_at
        lang = "" if wording else description.lang
        return Line(text, at, moment_in_words(at, now=self.now) if at else "", lang)

    def _title(self, transmission_id: UUID | None) -> str:
        found = self.titles.get(transmission_id) if transmission_id else None
        return f"«{found.text}»" if found else _("Forsendelsen")

    def seen_by(self, details: Details) -> list[Line]:
        """Return who has seen the dialog since it was last updated, the latest first."""
        entries = (*details.seen_since_last_update, *details.seen_since_last_content_update)
        found = {entry.id: entry for entry in entries}
        latest = sorted(found.values(), key=lambda entry: entry.seen_at, reverse=True)
        return [self._seen(entry) for entry in _once_each(latest)]

    def _seen(self, entry: SeenEntry) -> Line:
        name = self.name_of(entry.seen_by)
        if entry.is_current_end_user:
            name = _("%(name)s (vår systemtilgang)") % {"name": name}
        elif entry.is_via_service_owner:
            name = _("%(name)s (hos tjenesteeieren)") % {"name": name}
        moment = moment_in_words(entry.seen_at, now=self.now)
        return Line(format_html("{}", name), entry.seen_at, moment)


def _once_each(entries: Iterable[SeenEntry]) -> list[SeenEntry]:
    """Keep the first of each actor's."""
    found: dict[tuple[str, str], SeenEntry] = {}
    for entry in entries:
        who = entry.seen_by
        found.setdefault((who.actor_id or "", who.actor_name or ""), entry)
    return list(found.values())
