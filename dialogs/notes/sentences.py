"""What a notice says: short, whole sentences."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import Client
from dialogs.models import Dialog, Notice

Kind = Notice.Kind


def said(
    notice: Notice, dialog: Dialog | None, client: Client | None, *, is_lost: bool = False
) -> str:
    """Return what a notice says to who is logged in."""
    if is_lost:
        return lost(notice)
    title = dialog.copy.title if dialog else ""
    client = dialog.client if dialog else client
    return about(notice, dialog, title=title, client=client.name if client else "")


def about(notice: Notice, dialog: Dialog | None, *, title: str, client: str) -> str:
    """Return the sentence about a dialog, a client's note, or many dialogs."""
    who = notice.actor.name if notice.actor else ""
    if client and dialog is None:
        named = {"who": who, "client": client}
        return _("%(who)s nevnte deg i et notat om %(client)s.") % named
    if dialog is None:
        return _about_many(notice, who)
    words = {
        "who": who,
        "title": title or _("Uten tittel"),
        "client": client,
        "owner": str(dialog.owner),
    }
    sentence = _by_somebody(notice.kind) if who else ""
    sentence = sentence or _by_itself(notice.kind) or _("«%(title)s» hos %(client)s er endret.")
    return sentence % words


def lost(notice: Notice) -> str:
    """Return what may be said of what the reader may no longer see."""
    return _("%(kind)s: noe du ikke lenger har tilgang til.") % {"kind": notice.get_kind_display()}


def _by_somebody(kind: str) -> str:
    return {
        Kind.ASSIGNED: _("%(who)s tildelte deg «%(title)s» hos %(client)s."),
        Kind.TAKEN: _(
            "%(who)s endret ansvarlig for «%(title)s» hos %(client)s. Den er ikke lenger din."
        ),
        Kind.MENTIONED: _("%(who)s nevnte deg i et notat på «%(title)s» hos %(client)s."),
        Kind.FOLLOWED: _("%(who)s endret «%(title)s» hos %(client)s, som du følger."),
        Kind.HANDED_OVER: _("%(who)s ga deg ansvaret for «%(title)s» hos %(client)s."),
        Kind.BULK: _("%(who)s endret «%(title)s» hos %(client)s."),
        Kind.APPROVAL: _("%(who)s ber om godkjenning på «%(title)s» hos %(client)s."),
    }.get(Kind(kind), "")


def _by_itself(kind: str) -> str:
    return {
        Kind.ASSIGNED: _("Du ble tildelt «%(title)s» hos %(client)s."),
        Kind.TAKEN: _("Du er ikke lenger ansvarlig for «%(title)s» hos %(client)s."),
        Kind.FOLLOWED: _("Det er nytt på «%(title)s» hos %(client)s, som du følger."),
        Kind.HANDED_OVER: _("Du har overtatt «%(title)s» hos %(client)s."),
        Kind.REOPENED: _("%(owner)s endret «%(title)s» hos %(client)s etter at du var ferdig."),
        Kind.RETURNED: _("«%(title)s» hos %(client)s er tilbake fra utsatt."),
    }.get(Kind(kind), "")


def _about_many(notice: Notice, who: str) -> str:
    n = notice.count
    if notice.kind == Kind.EXPORTED:
        return _about_file(n)
    if notice.kind == Kind.HANDED_OVER and n == 0 and who:
        return _("%(who)s overleverte arbeid til deg.") % {"who": who}
    sentence = _many_by_somebody(notice.kind, n) if who else ""
    sentence = sentence or _many_by_itself(notice.kind, n)
    sentence = sentence or ngettext("%(n)s dialog er endret.", "%(n)s dialoger er endret.", n)
    return sentence % {"n": n, "who": who}


def _about_file(rows: int) -> str:
    """`rows` is 0 when there is no file."""
    if not rows:
        return _("Filen du ba om, ble ikke laget.")
    return ngettext(
        "Filen du ba om, er klar: %(n)s rad.", "Filen du ba om, er klar: %(n)s rader.", rows
    ) % {"n": rows}


def _many_by_somebody(kind: str, n: int) -> str:
    return {
        Kind.ASSIGNED: ngettext(
            "%(who)s tildelte deg %(n)s dialog.", "%(who)s tildelte deg %(n)s dialoger.", n
        ),
        Kind.TAKEN: ngettext(
            "%(who)s endret ansvarlig for %(n)s dialog. Den er ikke lenger din.",
            "%(who)s endret ansvarlig for %(n)s dialoger. De er ikke lenger dine.",
            n,
        ),
        Kind.FOLLOWED: ngettext(
            "%(who)s endret %(n)s dialog som du følger.",
            "%(who)s endret %(n)s dialoger som du følger.",
            n,
        ),
        Kind.HANDED_OVER: ngettext(
            "%(who)s ga deg ansvaret for %(n)s dialog.",
            "%(who)s ga deg ansvaret for %(n)s dialoger.",
            n,
        ),
        Kind.STANDS_IN: ngettext(
            "%(who)s gjorde deg til stedfortreder. Du ser %(n)s dialog.",
            "%(who)s gjorde deg til stedfortreder. Du ser %(n)s dialoger.",
            n,
        ),
        Kind.BULK: ngettext("%(who)s endret %(n)s dialog.", "%(who)s endret %(n)s dialoger.", n),
    }.get(Kind(kind), "")


def _many_by_itself(kind: str, n: int) -> str:
    return {
        Kind.ASSIGNED: ngettext(
            "Du ble tildelt %(n)s dialog.", "Du ble tildelt %(n)s dialoger.", n
        ),
        Kind.TAKEN: ngettext(
            "Du er ikke lenger ansvarlig for %(n)s dialog.",
            "Du er ikke lenger ansvarlig for %(n)s dialoger.",
            n,
        ),
        Kind.HANDED_OVER: ngettext(
            "Du har overtatt %(n)s dialog.", "Du har overtatt %(n)s dialoger.", n
        ),
        Kind.STANDS_IN: ngettext(
            "Du er stedfortreder, og ser %(n)s dialog.",
            "Du er stedfortreder, og ser %(n)s dialoger.",
            n,
        ),
        Kind.FOLLOWED: ngettext(
            "Det er nytt på %(n)s dialog som du følger.",
            "Det er nytt på %(n)s dialoger som du følger.",
            n,
        ),
        Kind.REOPENED: ngettext(
            "%(n)s dialog er endret etter at du var ferdig.",
            "%(n)s dialoger er endret etter at du var ferdig.",
            n,
        ),
        Kind.RETURNED: ngettext(
            "%(n)s dialog er tilbake fra utsatt.", "%(n)s dialoger er tilbake fra utsatt.", n
        ),
    }.get(Kind(kind), "")
