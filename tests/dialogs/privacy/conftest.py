from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client as Browser
from pytest_django import Settings

from staff.models import User


@pytest.fixture(autouse=True)
def archive_root(settings: Settings, tmp_path: Path) -> Path:
    disk = "django.core.files.storage.FileSystemStorage"
    archive = {"BACKEND": disk, "OPTIONS": {"location": tmp_path}}
    settings.STORAGES = settings.STORAGES | {"archive": archive}
    return tmp_path


@pytest.fixture
def admins(admin: User, logged_in: Callable[[User], Browser]) -> Browser:
    return logged_in(admin)
