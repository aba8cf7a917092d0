"""Beat rings for what no one else would ring for."""

import subprocess
import sys

from portal.celery import app

SCHEDULED = {entry["task"] for entry in app.conf.beat_schedule.values()}

# Queued by a page or by another task.
QUEUED = {
    "clients.adding.tasks.read_lists",
    "clients.adding.tasks.run_adding",
    "clients.finding.run_discovery",
    "clients.finding.run_import",
    "clients.keeping.tasks.read_register",
    "dialogs.bulk.run_job",
    "dialogs.exporting.run_job",
    "dialogs.tasks.apply_pin_rules",
    "dialogs.tasks.poll_chunk",
    "dialogs.tasks.read_in_full",
    "dialogs.tasks.reread_open_chunk",
}


def test_a_worker_knows_every_scheduled_task_though_it_imports_no_page() -> None:
    script = (
        "import sys; from portal.celery import app; app.loader.import_default_modules();"
        "print(*app.tasks); assert 'portal.urls' not in sys.modules"
    )

    answer = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )

    assert SCHEDULED - set(answer.stdout.split()) == set()


def test_every_task_is_scheduled_or_queued_by_us() -> None:
    app.loader.import_default_modules()
    ours = {name for name in app.tasks if name.startswith(("dialogs.", "clients."))}

    assert ours - SCHEDULED == QUEUED
