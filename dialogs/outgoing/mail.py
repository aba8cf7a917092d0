"""Hand a mail to the firm's server, and tell what is known of it afterwards."""

import smtplib

from django.core.mail import EmailMessage, get_connection

from dialogs.outgoing.outcomes import SENT, Outcome, State


def post(message: EmailMessage) -> Outcome:
    """Send once. Only what the server is known not to have taken may be tried again."""
    connection = get_connection()
    try:
        connection.open()
    except OSError as exc:  # smtplib's errors are OSErrors
        return Outcome(State.WAITING, type(exc).__name__)
    message.connection = connection
    try:
        message.send()
    except smtplib.SMTPRecipientsRefused as exc:
        codes = [code for code, _says in exc.recipients.values()]
        return _refused(max(codes, default=0))
    except smtplib.SMTPResponseException as exc:
        return _refused(exc.smtp_code)
    except OSError as exc:
        return Outcome(State.UNKNOWN, type(exc).__name__)
    finally:
        connection.close()
    return SENT


def _refused(code: int) -> Outcome:
    """4xx: not now; 5xx: not at all. Source: RFC 5321, 4.2.1."""
    is_for_now = 400 <= code < 500
    return Outcome(State.WAITING if is_for_now else State.REFUSED, str(code))
