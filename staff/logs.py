"""Keep secrets and national id numbers out of every log line."""

import logging
import re

_HIDDEN = (
    (re.compile(r"eyJ[\w-]{5,}\.[\w-]+\.[\w-]*"), "<token>"),
    (re.compile(r"(?i)(bearer\s+)\S+"), r"\1<token>"),
    (
        re.compile(r"(?i)((?:assertion|access_token|password)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&]+"),
        r"\1<hidden>",
    ),
    (re.compile(r"(/altinn/hendelser/)[^\s/\"']+"), r"\1<code>"),
    (re.compile(r"(/konto/invitasjon/)[^\s/\"']+"), r"\1<code>"),
    (re.compile(r"(?<!\d)\d{11}(?!\d)"), "<national id>"),
)


def hide(text: str) -> str:
    """Replace what must not be read in a log."""
    for pattern, stand_in in _HIDDEN:
        text = pattern.sub(stand_in, text)
    return text


class HideSecrets(logging.Filter):
    """Applied to the handler, so that it covers every library's loggers too."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = hide(record.getMessage())
        record.args = ()
        if record.exc_info and not record.exc_text:
            record.exc_text = hide(logging.Formatter().formatException(record.exc_info))
        return True
