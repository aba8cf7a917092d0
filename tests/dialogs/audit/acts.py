"""Every act that some code of ours writes to the audit log, found by reading the code."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.processes import ROOT

_APPS = ("staff", "clients", "dialogs", "portal")
_WRITES = re.compile(r"from staff import .*\baudit\b|AuditEntry|staff_auditentry|staff\.audit")
_LOOKS_LIKE_ONE = re.compile(r"[a-z]+\.[a-z_]+|[a-z]+(-[a-z]+)?( [a-z-]+)+")


def acts_in_code() -> set[str]:
    """Return what is given as `act`, and what constants beside the writing are called."""
    found = set()
    for app in _APPS:
        for path in sorted((Path(ROOT) / app).rglob("*.py")):
            if "migrations" not in path.parts:
                found |= set(_acts_in(path))
    return found


def _acts_in(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    is_list_of_acts = path.name == "acts.py"
    writes = bool(_WRITES.search(text))
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg == "act" and writes:
            yield from _strings(node.value)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if (name == "act" or name.isupper()) and (writes or is_list_of_acts):
                yield from _strings(node.value)
        elif isinstance(node, ast.Call) and _name_of(node.func) in {"record", "_record"}:
            for value in node.args:
                yield from _strings(value)
        elif isinstance(node, ast.Tuple) and writes and len(node.elts) == 3:
            yield from _strings(node.elts[0])


def _name_of(node: ast.expr) -> str:
    return getattr(node, "id", "") or getattr(node, "attr", "")


def _strings(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Dict):
        for value in node.values:
            yield from _strings(value)
    elif isinstance(node, ast.IfExp):
        yield from _strings(node.body)
        yield from _strings(node.orelse)
    elif (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and _LOOKS_LIKE_ONE.fullmatch(node.value)
    ):
        yield node.value
