"""The acts of the audit log by what they are about, to search among."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from dialogs import actions
from dialogs.answering import acts as answers
from dialogs.files import acts as files


class Kind(TextChoices):
    SIGHT = "innsyn", _("Innsyn: hvem som har sett hva")
    WORK = "arbeid", _("Arbeid med dialoger og notater")
    ANSWERS = "svar", _("Svar og handlinger hos tjenesteeiere")
    CLIENTS = "klienter", _("Klienter og tilgang")
    LOG_INS = "innlogging", _("Innlogging og nektet adgang")
    STAFF = "ansatte", _("Ansatte og fravær")
    PRIVACY = "personvern", _("Eksport, sletting og personvern")
    SETUP = "oppsett", _("Oppsett, nøkler og regler")


_SIGHT = {
    actions.SEEN,
    actions.OPENED,
    "dialog.content_read",
    "client seen",
    files.DOWNLOADED,
    files.PREVIEWED,
    files.DOWNLOADED_ALL,
    files.FETCHED,
}
_LOG_INS = {"user logged in", "user logged out", "log-in failed", "access refused",
            "logged out at provider"}  # fmt: skip
_ANSWERS = {value for name, value in vars(answers).items() if name.isupper()}
# Of the first that fits; the rest is set-up.
_BEGINNINGS = {
    Kind.STAFF: ("user ", "absence ", "work handed over", "idporten ", "invitation ", "oidc ",
                 "team ", "mfa "),
    Kind.PRIVACY: ("export", "calendar ", "log ", "client reported", "client exported",
                   "client erased", "client held",
                   "client released", "employee "),
    Kind.CLIENTS: ("client ", "adding ", "system user", "letter ", "alarm ", "subscriptions "),
    Kind.WORK: ("dialog.", "note.", "file."),
}  # fmt: skip


def kind_of(act: str) -> Kind:
    for kind, acts in ((Kind.SIGHT, _SIGHT), (Kind.LOG_INS, _LOG_INS), (Kind.ANSWERS, _ANSWERS)):
        if act in acts:
            return kind
    for kind, beginnings in _BEGINNINGS.items():
        if act.startswith(beginnings):
            return kind
    return Kind.SETUP
