"""The searches everybody has from the first day. They are code: nobody edits or deletes them."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from dialogs.inbox.filters import Filters
from dialogs.searches import queries


@dataclass(frozen=True)
class Ready:
    key: str
    name: Promise
    query: str
    color: str = "neutral"  # of its count
    in_menu: bool = True  # the menu is long: the others are on the page of saved searches

    @property
    def filters(self) -> Filters:
        return queries.read(self.query)


READY = (
    Ready("over", _("Over frist"), "frist=over", "danger"),
    Ready("uke", _("Forfaller denne uken"), "frist=uke"),
    Ready("uleste", _("Uleste siste 7 dager"), "lest=ulest&oppdatert=uke"),
    Ready("ufordelt", _("Ufordelt"), "ansvarlig=ingen", in_menu=False),
    Ready("uten-ansvarlig", _("Mangler klientansvarlig"), "klientansvarlig=ingen", in_menu=False),
    Ready("vedtak", _("Vedtak siste 30 dager"), "q=vedtak&oppdatert=maned", in_menu=False),
)
