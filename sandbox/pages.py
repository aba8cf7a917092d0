"""The plain pages a person meets: Altinn's and ID-porten's, in the sandbox's own simple shape."""

import html

from werkzeug.wrappers import Response


def page(title: str, body: str, status: int = 200) -> Response:
    """Make a page; `body` is HTML, and what comes from outside is escaped in it already."""
    text = (
        '<!doctype html><html lang="nb"><meta charset="utf-8"><link rel="icon" href="data:,">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{html.escape(title)}</title><h1>{html.escape(title)}</h1>{body}</html>"
    )
    return Response(text, status, content_type="text/html; charset=utf-8")


def choices(name: str, legend: str, options: list[tuple[str, str]], chosen: str) -> str:
    """Make a group of radio buttons: values with what they are called."""
    rows = "".join(
        f'<p><label><input type="radio" name="{html.escape(name)}" value="{html.escape(value)}"'
        f"{' checked' if value == chosen else ''}> {html.escape(label)}</label></p>"
        for value, label in options
    )
    return f"<fieldset><legend>{html.escape(legend)}</legend>{rows}</fieldset>"


def buttons(name: str, options: list[tuple[str, str]]) -> str:
    found = "".join(
        f'<button type="submit" name="{html.escape(name)}" value="{html.escape(value)}">'
        f"{html.escape(label)}</button> "
        for value, label in options
    )
    return f"<p>{found}</p>"


def paragraph(text: str) -> str:
    return f"<p>{html.escape(text)}</p>"


def to(url: str) -> Response:
    """Send the browser on, by GET, to exactly this address."""
    response = Response(status=303)
    response.autocorrect_location_header = False
    response.headers["Location"] = url
    return response
