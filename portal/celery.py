"""The Celery app: a bell over Redis. What must not be lost lies in PostgreSQL.

Settings follow what was measured of Celery on Redis: late acknowledgement, a short visibility
time-out, time limits below it, and time-outs on every socket so that a hung Redis costs seconds.
"""

import os

from celery import Celery
from celery.schedules import crontab
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
# Checks import every page into the worker; the web server and `manage.py check` make them.
os.environ.setdefault("CELERY_SKIP_CHECKS", "true")


def _every(task: str, seconds: int) -> dict[str, object]:
    """Run a task at this pace; one that no worker took in time is dropped, the next follows."""
    return {"task": task, "schedule": float(seconds), "options": {"expires": seconds}}


def _schedule() -> dict[str, dict[str, object]]:
    return {
        "drain what no bell rang for": _every("dialogs.tasks.drain", 10),
        "load what is new": _every("dialogs.tasks.load_new", 30),
        "create wanted subscriptions": _every("clients.tasks.create_subscriptions", 60),
        "check subscriptions": _every("clients.tasks.check_subscriptions", 3600),
        "follow up subscriptions": _every("clients.keeping.tasks.follow_up_subscriptions", 15),
        "renew subscriptions": _every("clients.keeping.tasks.renew_subscriptions", 300),
        "compare subscriptions": {
            "task": "clients.keeping.tasks.reconcile_subscriptions",
            "schedule": crontab(hour=1, minute=50),
        },
        "follow the register": _every("clients.keeping.tasks.follow_register", 900),
        "poll with overlap": _every("dialogs.tasks.poll", settings.POLL_SECONDS),
        "look again at what is open": _every("dialogs.tasks.reread_open", 900),
        "follow requests for system users": _every("clients.setup.tasks.follow_requests", 30),
        "follow system users": _every("clients.setup.tasks.follow_system_users", 900),
        "keep parties in step": _every("clients.tasks.keep_parties_in_step", 900),
        "watch the access": _every("clients.health.tasks.watch", 900),
        "read the packages": _every("clients.health.tasks.read_packages", 900),
        "notice silence": _every("dialogs.health.tasks.notice_silence", 3600),
        "return what was snoozed": _every("dialogs.tasks.return_snoozed", 300),
        "deliver notices": _every("dialogs.outgoing.tasks.deliver", 20),
        "forget what was delivered": {
            "task": "dialogs.outgoing.tasks.forget",
            "schedule": crontab(hour=4, minute=20),
        },
        "take up bulk jobs": _every("dialogs.bulk.run_due", 30),
        "take up the adding of clients": _every("clients.adding.tasks.run_due", 30),
        "send requests to clients": _every("clients.adding.tasks.send_requests", 60),
        "post letters to clients": _every("clients.adding.tasks.post_letters", 60),
        "look for outcomes": _every("dialogs.tasks.look_for_outcomes", 60),
        "learn names": _every("dialogs.tasks.read_names", 60),
        "reconcile": {"task": "dialogs.tasks.reconcile", "schedule": crontab(hour=2, minute=30)},
        "tidy the clients' folders": {
            "task": "dialogs.tasks.tidy_folders",
            "schedule": crontab(hour=3, minute=40),
        },
        "forget old bulk jobs": {
            "task": "dialogs.bulk.tidy",
            "schedule": crontab(hour=4, minute=10),
        },
        "forget drafts": {
            "task": "dialogs.tasks.forget_drafts",
            "schedule": crontab(hour=4, minute=45),
        },
        "take up searches and imports": _every("clients.finding.run_due", 30),
        "forget old searches and imports": {
            "task": "clients.finding.tidy",
            "schedule": crontab(hour=4, minute=50),
        },
        "take up exports": _every("dialogs.exporting.run_due", 30),
        "remove old exports": _every("dialogs.exporting.tidy", 3600),
        "link the audit log": _every("staff.tasks.link_audit", 15),
        "shorten the audit log": {
            "task": "staff.tasks.shorten_audit",
            "schedule": crontab(hour=2, minute=50),
        },
        "erase clients that left": {
            "task": "dialogs.privacy.tasks.erase_clients",
            "schedule": crontab(hour=3, minute=50),
        },
        "check the audit log": {
            "task": "clients.health.tasks.check_audit_log",
            "schedule": crontab(hour=3, minute=10),
        },
        "tidy": {"task": "dialogs.tasks.tidy", "schedule": crontab(hour=4, minute=30)},
    }


app = Celery("portal")
app.conf.update(
    broker_url=settings.REDIS_URL,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": 120,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_timeout": 3,
        "socket_connect_timeout": 1,
        "socket_keepalive": True,
        "health_check_interval": 10,
    },
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_publish_retry=False,
    task_time_limit=110,
    task_soft_time_limit=100,
    task_default_queue="fast",
    task_routes={
        "dialogs.tasks.drain": {"queue": "fast"},
        "dialogs.tasks.*": {"queue": "slow"},
        "clients.tasks.*": {"queue": "slow"},
        "clients.health.*": {"queue": "slow"},
        "dialogs.health.*": {"queue": "slow"},
        "dialogs.exporting.*": {"queue": "slow"},
        "dialogs.outgoing.*": {"queue": "slow"},
        "clients.keeping.tasks.*": {"queue": "slow"},
        "clients.adding.tasks.*": {"queue": "slow"},
        "clients.finding.*": {"queue": "slow"},
        "clients.setup.tasks.*": {"queue": "slow"},
        "dialogs.privacy.tasks.*": {"queue": "slow"},
        "staff.tasks.*": {"queue": "slow"},
    },
    worker_prefetch_multiplier=1,
    worker_max_memory_per_child=300_000,
    worker_hijack_root_logger=False,
    timezone="Europe/Oslo",
    beat_schedule=_schedule(),
)
app.autodiscover_tasks(
    [
        "clients",
        "clients.adding",
        "clients.finding",
        "clients.health",
        "clients.keeping",
        "clients.setup",
        "dialogs",
        "dialogs.answering",
        "dialogs.bulk",
        "dialogs.exporting",
        "dialogs.health",
        "dialogs.outgoing",
        "dialogs.privacy",
        "staff",
    ]
)
