"""The container files keep our rules, and each rule is one that can be broken."""

import importlib.util
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest
import yaml

from portal import environ

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE, IGNORED, COMPOSE, EXAMPLE = (
    "Dockerfile",
    "Dockerfile.dockerignore",
    "compose.yaml",
    ".env.example",
)


def load(name: str) -> ModuleType:
    """Import a program of docker/, which is no package."""
    spec = importlib.util.spec_from_file_location(f"docker_{name}", ROOT / f"docker/{name}.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


check = load("check")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of docker/ that may be spoilt, with the paths that the Dockerfile copies."""
    shutil.copytree(ROOT / "docker", tmp_path / "docker", ignore=lambda *_: ["__pycache__"])
    for stage in check.read_dockerfile((ROOT / "docker/Dockerfile").read_text("utf-8")):
        for one in stage.all("COPY"):
            for path in one.paths[:-1] if "from" not in one.options else []:
                (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
                if not (tmp_path / path).exists():
                    (tmp_path / path).touch()
    return tmp_path


def test_our_container_files_keep_every_rule() -> None:
    assert check.problems(ROOT) == []


BROKEN = [
    (DOCKERFILE, "FROM node:24-trixie-slim", "FROM node", "needs a tag"),
    (DOCKERFILE, "FROM node:24-trixie-slim", "FROM node:latest", "needs a tag"),
    (DOCKERFILE, "FROM node:", "FROM hub.example.no/node:", "registry's host"),
    (DOCKERFILE, "COPY constraints.txt", "ADD constraints.txt", "ADD"),
    (DOCKERFILE, "    PYTHONUNBUFFERED=1", "    SECRET_KEY=x", "keep a secret"),
    (DOCKERFILE, "COPY manage.py ./", "ARG NPM_TOKEN", "keep a secret"),
    (DOCKERFILE, "nobody@localhost", "nobody:word@localhost", "password in it"),
    (DOCKERFILE, " --require-hashes", "", "--require-hashes"),
    (DOCKERFILE, " --no-deps", "", "--no-deps"),
    (DOCKERFILE, " --only-binary :all:", "", "--only-binary"),
    (DOCKERFILE, "npm ci", "npm install", "npm ci"),
    (DOCKERFILE, " --ignore-scripts", "", "--ignore-scripts"),
    (DOCKERFILE, "COPY staff/ staff/", "COPY . .", "never everything"),
    (DOCKERFILE, "COPY staff/ staff/", "COPY sandbox/ sandbox/", "sandbox does not belong"),
    (DOCKERFILE, "COPY staff/ staff/", "COPY tests/ tests/", "tests does not belong"),
    (DOCKERFILE, "COPY staff/ staff/", "COPY portal/demo/ d/", "portal/demo does not belong"),
    (DOCKERFILE, "COPY staff/ staff/", "COPY stuff/ stuff/", "stuff does not exist"),
    (DOCKERFILE, "COPY staff/ staff/\n", "", "staff is not copied"),
    (DOCKERFILE, "--from=static", "--from=later", "no earlier stage"),
    (DOCKERFILE, "USER 10001:10001", "USER root", "last USER"),
    (DOCKERFILE, "USER 10001:10001", "USER 0:0", "last USER"),
    (DOCKERFILE, "USER 10001:10001\n", "", "last USER"),
    (DOCKERFILE, "EXPOSE 8000", "RUN touch x", "after the last USER"),
    (DOCKERFILE, "EXPOSE 8000", "COPY --from=assets /app/node_modules/ n/", "npm packages"),
    (DOCKERFILE, "RUN useradd", "RUN apt-get install gcc && useradd", "apt-get does not belong"),
    (DOCKERFILE, "HEALTHCHECK", "LABEL health=", "no HEALTHCHECK"),
    (DOCKERFILE, 'CMD ["granian", ', 'CMD granian "', "list of words"),
    (DOCKERFILE, '"--no-access-log", ', "", "--no-access-log"),
    (DOCKERFILE, "PYTHONDONTWRITEBYTECODE=1", "PYTHONX=1", "PYTHONDONTWRITEBYTECODE"),
    (IGNORED, "*\n!altinn", "!altinn", "must begin with"),
    (IGNORED, "!altinn\n", "!altinn\n!sandbox\n", "lets sandbox"),
    (IGNORED, "portal/demo\n", "", "portal/demo is not left out"),
    (IGNORED, "!staff\n", "", "staff is copied"),
    (IGNORED, "!staff\n", "!staff\n!README.md\n", "nothing copies it"),
    (COMPOSE, "  restart: unless-stopped\n", "", "no restart policy"),
    (COMPOSE, "read_only: true", "read_only: false", "read_only"),
    (COMPOSE, "cap_drop: [ALL]", "cap_drop: []", "cap_drop"),
    (COMPOSE, "[NET_BIND_SERVICE]", "[SYS_ADMIN]", "capability"),
    (COMPOSE, '"no-new-privileges:true"', "", "no-new-privileges"),
    (COMPOSE, "max-size: 10m, ", "", "largest size"),
    (COMPOSE, "    healthcheck: *worker-health\n", "", "worker-slow: no health check"),
    (COMPOSE, "    shm_size: 256m", '    ports: ["5432:5432"]', "only the proxy"),
    (COMPOSE, "    shm_size: 256m", "    privileged: true", "must not share"),
    (COMPOSE, "inside: {internal: true}", "inside: {}", "no way out"),
    (COMPOSE, '["redis:/data"]', '["bell:/data"]', "bell is not declared"),
    (COMPOSE, "./Caddyfile:", "./Caddy:", "does not exist"),
    (COMPOSE, '["redis:/data"]', '["/var/run/docker.sock:/s"]', "Docker's own socket"),
    (COMPOSE, "redis:7-bookworm", "redis", "needs a tag"),
    (COMPOSE, "SECRET_KEY_FILE: /run/secrets/secret_key", "SECRET_KEY: x", "is a secret"),
    (COMPOSE, "redis://redis:", "redis://:word@redis:", "password in it"),
    (COMPOSE, "secrets: [postgres_password]", "secrets: []", "no secret of this service"),
    (COMPOSE, "{file: ./secrets/secret_key}", "{file: ../key}", "must be a file in"),
    (COMPOSE, "condition: service_started", "required: true", "without saying for what"),
    (COMPOSE, "${WEBHOOK_FROM:-", "${OTHER_FROM:-", "OTHER_FROM is used"),
    (EXAMPLE, "GRANIAN_WORKERS=2", "GRANIAN_WORKERS=2\nCOLOUR=red", "COLOUR is shown"),
    (EXAMPLE, "GRANIAN_WORKERS=2", "GRANIAN_WORKERS=2\nSECRET_KEY=x", "belongs in a file"),
]


@pytest.mark.parametrize(("file", "right", "wrong", "said"), BROKEN)
def test_breaking_a_rule_is_said(root: Path, file: str, right: str, wrong: str, said: str) -> None:
    path = root / "docker" / file
    text = path.read_text("utf-8")
    assert right in text
    path.write_text(text.replace(right, wrong), "utf-8")
    assert said in "\n".join(check.problems(root))


def test_a_copy_that_nothing_spoilt_keeps_every_rule(root: Path) -> None:
    assert check.problems(root) == []


def test_containers_are_given_only_variables_that_something_reads() -> None:
    services = yaml.safe_load((ROOT / "docker/compose.yaml").read_text("utf-8"))["services"]
    given = {
        name.removesuffix("_FILE")
        for service in services.values()
        if service.get("build")
        for name in service["environment"]
    }
    assert given <= environ.READ | {"GRANIAN_WORKERS", "WORKER"}


def test_a_second_instruction_may_not_come_before_the_first_image() -> None:
    with pytest.raises(ValueError, match="RUN before FROM"):
        check.read_dockerfile("RUN true\nFROM node:24")
