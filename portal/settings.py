"""All settings, in one file. What differs between machines comes from the environment.

docs/settings.md describes every variable; a test keeps it complete.
"""

from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from altinn.environment import Environment
from portal import environ, providers

BASE_DIR = Path(__file__).resolve().parent.parent

# Who we are on the network.
PUBLIC_URL = environ.text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")
WEBHOOK_URL = environ.text("WEBHOOK_URL", PUBLIC_URL).rstrip("/")
_is_https = urlsplit(PUBLIC_URL).scheme == "https"
SECRET_KEY = environ.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = environ.words("SECRET_KEY_FALLBACKS")
DEBUG = environ.flag("DEBUG", default=False)
ALLOWED_HOSTS = [urlsplit(PUBLIC_URL).hostname or "", *environ.words("EXTRA_HOSTS")]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
BEHIND_PROXY = environ.flag("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",  # ours is portal/admin_site.py
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "template_partials",
    "staff",
    "clients",
    "dialogs",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "portal.browsers.Browsers",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "staff.language.PersonalLanguage",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "staff.reading.ReadersOnlyRead",
    "dialogs.audit.refused.NoteRefusals",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "staff.two_steps.TwoSteps",
    "django_htmx.middleware.HtmxMiddleware",
]

ROOT_URLCONF = "portal.urls"
ADMIN_PATH = environ.text("ADMIN_PATH", "").strip("/")  # nowhere, unless it is named
ASGI_APPLICATION = "portal.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "dialogs.inbox.frame.frame",
            ],
        },
    },
    {
        "NAME": "jinja",
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "jinja"],
        "OPTIONS": {"environment": "portal.jinja.environment"},
    },
]

# PostgreSQL is the only database. Connections are pooled: under ASGI each request has a thread.
DATABASES = {
    "default": environ.database(environ.text("DATABASE_URL"))
    | {
        "OPTIONS": {
            "pool": {
                "min_size": 1,
                "max_size": environ.number("DATABASE_CONNECTIONS", 10),
                "timeout": 10,
            },
            # The last three: pages read a few rows by key, from memory or solid state; many people
            # share the cores, so no statement takes several.
            "options": f"-c statement_timeout={environ.number('STATEMENT_SECONDS', 30)}s"
            " -c lock_timeout=10s"
            " -c random_page_cost=1.1 -c jit=off -c max_parallel_workers_per_gather=0",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = environ.text("REDIS_URL")
SESSION_ENGINE = "django.contrib.sessions.backends.db"  # a Redis flush logs nobody out

# Who logs in.
AUTH_USER_MODEL = "staff.User"
AUTHENTICATION_BACKENDS = ["staff.backend.Backend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "dialogs:start"
ACCOUNT_ADAPTER = "staff.accounts.Accounts"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_RATE_LIMITS = {
    "login": "60/m/ip",  # an office has one address
    "login_failed": "30/m/ip,5/5m/key",
    "reauthenticate": "10/m/user",
    "change_password": "5/m/user",
}
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0
OIDC_PROVIDERS = providers.read(environ.text("OIDC_PROVIDERS", ""))
SOCIALACCOUNT_ADAPTER = "staff.oidc.SocialAccounts"
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "provider_class": "staff.oidc.Provider",
        "APPS": providers.as_apps(OIDC_PROVIDERS),
    }
}
SOCIALACCOUNT_LOGIN_ON_GET = True  # a form may lead nowhere else; see staff/oidc.py
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
MFA_ADAPTER = "staff.two_steps.TwoStepAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True  # addresses are the firm's own: an administrator wrote them
MFA_TOTP_TOLERANCE = 1
MFA_TOTP_ISSUER = "Regnskapsportalen"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not _is_https  # browsers take localhost only
# Which roles must log in in two steps, and how long after a log-in an administrator may do what
# changes who gets in. 0: always.
TWO_STEP_ROLES = frozenset(
    environ.several("TWO_STEP_ROLES", ("ACCOUNTANT", "AUDITOR", "MANAGER", "ADMIN"))
)
RECENT_LOGIN_MINUTES = environ.number("RECENT_LOGIN_MINUTES", 15)
INVITATION_DAYS = environ.number("INVITATION_DAYS", 7)

# What processes share about failed log-ins. While Redis is away nobody is held back by it.
CACHES = {
    "default": {"BACKEND": "staff.limits.Cache", "LOCATION": REDIS_URL, "KEY_PREFIX": "cache"}
}

# Letters to those who are to approve a system user, and notices. Without a server none are sent.
EMAIL_HOST = environ.text("MAIL_HOST", "")
EMAIL_PORT = environ.number("MAIL_PORT", 587)
EMAIL_HOST_USER = environ.text("MAIL_USER", "")
EMAIL_HOST_PASSWORD = environ.text("MAIL_PASSWORD", "")
EMAIL_USE_TLS = environ.flag("MAIL_TLS", default=True)
EMAIL_TIMEOUT = 15
DEFAULT_FROM_EMAIL = environ.text("MAIL_FROM", "portalen@localhost")

# Notices that leave the portal. A chat is written to on these hosts alone; none: to no chat.
CHAT_HOSTS = environ.words("CHAT_HOSTS")
NOTICES_NAME_SENSITIVE = environ.flag("NOTICES_NAME_SENSITIVE", default=False)
NOTICE_LOG_DAYS = environ.number("NOTICE_LOG_DAYS", 180)

# What the browser is told.
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _is_https
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_NAME = "__Host-session" if _is_https else "session"
CSRF_COOKIE_NAME = "__Host-csrf" if _is_https else "csrf"
SECURE_SSL_REDIRECT = _is_https
SECURE_REDIRECT_EXEMPT = [r"^helse/"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _is_https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _is_https
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-src": [SELF],  # the preview of an attachment; nothing else lets itself be framed
        "frame-ancestors": [NONE],
        "require-trusted-types-for": ["'script'"],  # see static/trusted.js
        "trusted-types": ["default"],
    }
}
# What is said to somebody may name a client: it waits in the database, not in a cookie.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"
# Of a request, its files aside. A file is measured by its form; the whole by portal/pages.py.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FILES = 1

# Static files: ours, and the style packages that npm installed.
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / environ.text("STATIC_ROOT", ".static")
_npm = BASE_DIR / "node_modules"
STATICFILES_DIRS = [
    BASE_DIR / "static",
    ("ds", _npm / ".theme/css"),
    ("ds", _npm / "@digdir/designsystemet-css/dist/src"),
    ("ds", _npm / "@digdir/designsystemet-web/dist/umd"),
    ("htmx", _npm / "htmx.org/dist"),
    ("inter", _npm / "@fontsource-variable/inter/files"),
    ("dejavu", _npm / "dejavu-fonts-ttf/ttf"),  # for receipts as PDF
]

# The clients' folders: files that people have kept, on a disk or in an S3-compatible bucket.
ARCHIVE_KEEP_YEARS = environ.number("ARCHIVE_KEEP_YEARS", 5)
_on_disk = {
    "location": BASE_DIR / environ.text("ARCHIVE_ROOT", ".archive"),
    "file_permissions_mode": 0o600,
    "directory_permissions_mode": 0o700,
}
_in_bucket = {
    "bucket_name": environ.text("ARCHIVE_BUCKET", ""),
    "endpoint_url": environ.text("ARCHIVE_ENDPOINT_URL", "") or None,
    "region_name": environ.text("ARCHIVE_REGION", "") or None,
    "access_key": environ.text("ARCHIVE_ACCESS_KEY", "") or None,
    "secret_key": environ.text("ARCHIVE_SECRET_KEY", "") or None,
    "default_acl": None,  # as the bucket's: private
    "querystring_auth": True,
    "file_overwrite": False,
    "signature_version": "s3v4",
    "addressing_style": "path",
}
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
    "archive": {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": _in_bucket}
    if _in_bucket["bucket_name"]
    else {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": _on_disk},
}

# Language and time. Strings in templates and code are bokmål; other languages are translations.
LANGUAGE_CODE = "nb"
LANGUAGES = [("nb", "Bokmål"), ("nn", "Nynorsk"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "Europe/Oslo"
USE_TZ = True

# The neighbours. One immutable object, so that a token for one environment never meets another's.
ALTINN = Environment(
    name=environ.text("ALTINN_ENVIRONMENT", "prod"),
    maskinporten_issuer=environ.text("MASKINPORTEN_ISSUER", "https://maskinporten.no/"),
    maskinporten_token_url=environ.text("MASKINPORTEN_TOKEN_URL", "https://maskinporten.no/token"),
    platform_url=environ.text("ALTINN_PLATFORM_URL", "https://platform.altinn.no"),
    dialogporten_url=environ.text("DIALOGPORTEN_URL", "https://platform.altinn.no/dialogporten"),
    events_url=environ.text("ALTINN_EVENTS_URL", "https://platform.altinn.no/events/api/v1"),
    enhetsregisteret_url=environ.text(
        "ENHETSREGISTERET_URL", "https://data.brreg.no/enhetsregisteret/api"
    ),
    idporten_issuer=environ.text("IDPORTEN_ISSUER", "https://idporten.no"),
    idporten_login_url=environ.text("IDPORTEN_LOGIN_URL", "https://login.idporten.no"),
    access_management_url=environ.text("ALTINN_ACCESS_MANAGEMENT_URL", "https://am.ui.altinn.no"),
    nav_sykepenger_url=environ.text("NAV_SYKEPENGER_URL", "https://sykepenger-api.nav.no"),
    nav_foreldrepenger_url=environ.text(
        "NAV_FORELDREPENGER_URL", "https://foreldrepenger-inntektsmelding-api.ekstern.nav.no"
    ),
    nav_dokumentporten_url=environ.text(
        "NAV_DOKUMENTPORTEN_URL", "https://syfo-dokumentporten.ekstern.nav.no"
    ),
    content_hosts=frozenset(environ.words("CONTENT_HOSTS", "platform.altinn.no")),
)
MASKINPORTEN_CLIENT_ID = environ.text("MASKINPORTEN_CLIENT_ID", "")
MASKINPORTEN_JWK = environ.text(
    "MASKINPORTEN_JWK", ""
)  # private RSA key; also MASKINPORTEN_JWK_FILE
IDPORTEN_CLIENT_ID = environ.text("IDPORTEN_CLIENT_ID", "")
IDPORTEN_JWK = environ.text("IDPORTEN_JWK", "")  # private RSA key, or else:
IDPORTEN_CLIENT_SECRET = environ.text("IDPORTEN_CLIENT_SECRET", "")
ALTINN_INBOX_URL = environ.text("ALTINN_INBOX_URL", "https://af.altinn.no/inbox")

# The addresses Altinn Events pushes to hold a code made with the first key; the others still
# open the door while keys are rotated.
WEBHOOK_KEYS = [environ.text("WEBHOOK_KEY", SECRET_KEY), *environ.words("WEBHOOK_KEY_FALLBACKS")]

# What was opened, and what was sent to an authority, lies encrypted in the database with the first
# key; the others still open what they closed, while keys are rotated.
SEALING_KEYS = [environ.text("SEALING_KEY", SECRET_KEY), *environ.words("SEALING_KEY_FALLBACKS")]

# How long background work waits, and how far back it looks.
COALESCE_SECONDS = environ.number("COALESCE_SECONDS", 2)
POLL_SECONDS = environ.number("POLL_SECONDS", 300)
SUBSCRIPTIONS_PER_MINUTE = environ.number("SUBSCRIPTIONS_PER_MINUTE", 600)
EVENT_RETENTION_DAYS = environ.number("EVENT_RETENTION_DAYS", 60)

# How long what is kept of people is kept: the audit log, and clients after they were archived.
AUDIT_KEEP_YEARS = environ.number("AUDIT_KEEP_YEARS", 10)
CLIENT_KEEP_YEARS = environ.number("CLIENT_KEEP_YEARS", 5)

# Attachments: how much and how long one may take, and how long its owner may be silent.
ATTACHMENT_MOST_BYTES = environ.number("ATTACHMENT_MOST_BYTES", 4 * 1024**3)
ATTACHMENT_SECONDS = environ.number("ATTACHMENT_SECONDS", 1800)
ATTACHMENT_SILENCE_SECONDS = environ.number("ATTACHMENT_SILENCE_SECONDS", 30)

# What is done at service owners: how long an answer is waited for, and what a second person must
# approve («off», «destructive» or «all»).
ANSWER_SECONDS = environ.number("ANSWER_SECONDS", 30)
FOUR_EYES = environ.choice("FOUR_EYES", "off", "destructive", "all")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"secrets": {"()": "staff.logs.HideSecrets"}},
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "filters": ["secrets"],
            "formatter": "line",
        }
    },
    "root": {"handlers": ["console"], "level": environ.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}
