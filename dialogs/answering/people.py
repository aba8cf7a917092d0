"""When somebody was born, from a national id number: what the screen shows in its place."""

from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _


def birth_date(number: str) -> date | None:
    """Return the day of birth; None when there is none in it.

    A D-number has 40 more as day. Test persons have 40 or 80 more as month.

    Source: Skatteetaten on D-numbers and on Tenor's test persons; read 2026-08.
    """
    if len(number) != 11 or not (number.isascii() and number.isdigit()):
        return None
    day, month, year = int(number[:2]) % 40, int(number[2:4]) % 40, int(number[4:6])
    individual = int(number[6:9])
    if individual < 500:
        century = 1900
    elif individual < 750 and year >= 54:
        century = 1800
    elif individual >= 900 and year >= 40:
        century = 1900
    else:
        century = 2000
    try:
        return date(century + year, month, day)
    except ValueError:
        return None


def in_words(number: str) -> str:
    """Return «født 8. april 1943»; never the number."""
    born = birth_date(number)
    if born is None:
        return _("fødselsnummeret fra forespørselen")
    return _("født %(day)s") % {"day": date_format(born, "j. F Y")}
