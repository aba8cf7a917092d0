"""A migrated database to copy: workers that run beside each other do not each migrate their own."""

import os
import subprocess
import sys

import psycopg
import pytest
from django.db import connection

from tests.processes import ROOT, database_url

_NAME = "TEST_TEMPLATE"  # workers inherit it


def make(config: pytest.Config) -> None:
    """Let the one that starts workers make the template, and all copy it."""
    if _starts_workers(config):
        name = os.environ[_NAME] = f"test_template_{os.getpid()}"
        _ask(f"CREATE DATABASE {name}")
        command = [sys.executable, "manage.py", "migrate", "-v", "0"]
        address = {"DATABASE_URL": database_url(name)}
        subprocess.run(command, cwd=ROOT, env=os.environ | address, check=True)
    if name := os.environ.get(_NAME, ""):
        connection.settings_dict["TEST"]["TEMPLATE"] = name


def drop(config: pytest.Config) -> None:
    if _starts_workers(config):
        _ask(f"DROP DATABASE {os.environ.pop(_NAME)}")


def _starts_workers(config: pytest.Config) -> bool:
    at_once = config.getoption("numprocesses", None)
    return bool(at_once) and not config.option.collectonly and not hasattr(config, "workerinput")


def _ask(statement: str) -> None:
    with psycopg.connect(database_url(), autocommit=True) as asked:
        asked.execute(statement)
