"""Keep secrets and national id numbers out of every log line."""

import logging
import re

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# Each looks a bounded way ahead: what is logged may be long, and somebody else's.
_HIDDEN = (
    (re.compile(r"eyJ[\w-]{5,}\.[\w-]+\.[\w-]*"), "<token>"),
    (re.compile(r"(?i)((?:bearer|basic)\s+)[\w.~+/=-]{3,}"), r"\1<token>"),
    (
        # As a form, as JSON, as Python shows it, and as a header: name=, "name": ", 'name': '.
        re.compile(
            r"(?i)((?:assertion|token|password|passord|secret|jwk|cookie|session|csrf|verifier|otp"
            r"|(?:secret|sealing|webhook)_key)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;]+"
        ),
        r"\1<hidden>",
    ),
    (re.compile(r"(?i)([?&](?:code|state|nonce|key|sig|signature)=)[^\s\"'&]+"), r"\1<hidden>"),
    (re.compile(r"(/altinn/hendelser/)[^\s/\"']+"), r"\1<code>"),
    (re.compile(r"(/konto/invitasjon/)[^\s/\"']+"), r"\1<code>"),
    (re.compile(r"(/kalender/|/varsler/av/)[^\s/\"']+"), r"\1<code>"),
    # A long part of an address is a secret one: an invitation, a calendar, a way to set a password.
    # What Altinn calls things by is a UUID.
    (re.compile(rf"/(?!{_UUID})(?=[^\s/\"'?]*\d)[\w:=~-]{{32,}}(?=[/\s\"'?&)>]|$)"), "/<code>"),
    (
        re.compile(r"\b[\w.+-]{1,20}://[^\s/@:]{0,100}:[^\s/@]{1,300}@"),
        "<address>@",
    ),
    (re.compile(r"(?<![\d-])\d{6}[ ]?\d{5}(?!\d)"), "<national id>"),
)
_ONE_LINE = {ord("\n"): "\\n", ord("\r"): "\\r", 0x1B: "\\x1b", 0x2028: "\\u2028"}


def hide(text: str) -> str:
    """Replace what must not be read in a log."""
    for pattern, stand_in in _HIDDEN:
        text = pattern.sub(stand_in, text)
    return text


class HideSecrets(logging.Filter):
    """Applied to the handler, so that it covers every library's loggers too."""

    def filter(self, record: logging.LogRecord) -> bool:
        # One message is one line: what others write cannot look like a line of ours.
        record.msg = hide(record.getMessage()).translate(_ONE_LINE)
        record.args = ()
        if record.exc_info and not record.exc_text:
            record.exc_text = hide(logging.Formatter().formatException(record.exc_info))
        if record.stack_info:
            record.stack_info = hide(record.stack_info)
        return True
