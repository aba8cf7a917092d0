"""Hold Dockerfile, its ignore file and compose.yaml to our rules. Starts nothing.

`python docker/check.py` prints each broken rule; the exit status is 1 if there is any.
"""

import json
import re
import shlex
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]

SECRET = re.compile(r"SECRET|PASSWORD|TOKEN|JWK|_KEY|KEY_|^KEY$|DATABASE_URL")
CREDENTIALS = re.compile(r"://[^/\s@:]*:[^/\s@]+@")
# What the running image may not hold, nor the build be given.
UNWANTED = ("sandbox", "tests", "benchmarks", "docs", "portal/demo", ".git", ".venv", ".demo")
PACKAGES = ("altinn", "clients", "dialogs", "portal", "staff")
BUILD_TOOLS = re.compile(r"\b(apt-get|apk|gcc|make|npm|npx|node|pip|curl|wget)\b")


@dataclass(frozen=True)
class Instruction:
    name: str
    value: str
    line: int

    @property
    def words(self) -> list[str]:
        """The exec form's words, or the value split as a shell does."""
        if self.value.startswith("["):
            return [str(word) for word in json.loads(self.value)]
        return shlex.split(self.value)

    @property
    def options(self) -> dict[str, str]:
        """Leading --name=value words of a COPY."""
        pairs = (word[2:].partition("=") for word in self.words if word.startswith("--"))
        return {name: value for name, _, value in pairs}

    @property
    def paths(self) -> list[str]:
        """A COPY's sources, then its target."""
        return [word for word in self.words if not word.startswith("--")]


@dataclass
class Stage:
    image: str
    name: str
    instructions: list[Instruction] = field(default_factory=list)

    def all(self, name: str) -> list[Instruction]:
        return [one for one in self.instructions if one.name == name]


def read_dockerfile(text: str) -> list[Stage]:
    """Return the stages. Continued lines are joined; comments are left out.

    Raises:
        ValueError: an instruction comes before the first FROM.
    """
    stages: list[Stage] = []
    for one in _instructions(text):
        if one.name == "FROM":
            image, _, name = one.value.partition(" AS ")
            stages.append(Stage(image.strip(), name.strip()))
        elif stages:
            stages[-1].instructions.append(one)
        else:
            raise ValueError(f"line {one.line}: {one.name} before FROM")
    return stages


def _instructions(text: str) -> Iterator[Instruction]:
    parts: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        parts.append(line.strip().removesuffix("\\").strip())
        if not line.rstrip().endswith("\\"):
            name, _, value = " ".join(parts).partition(" ")
            yield Instruction(name.upper(), value.strip(), number)
            parts = []


def problems(root: Path) -> list[str]:
    """Return every broken rule, as a sentence that begins with the file."""
    stages = read_dockerfile((root / "docker/Dockerfile").read_text(encoding="utf-8"))
    ignored = (root / "docker/Dockerfile.dockerignore").read_text(encoding="utf-8").splitlines()
    compose = yaml.safe_load((root / "docker/compose.yaml").read_text(encoding="utf-8"))
    example = (root / "docker/.env.example").read_text(encoding="utf-8")
    return [
        *(f"Dockerfile: {text}" for text in _in_dockerfile(stages, root)),
        *(f"Dockerfile.dockerignore: {text}" for text in _in_ignored(stages, ignored)),
        *(f"compose.yaml: {text}" for text in _in_compose(compose, root)),
        *(f".env.example: {text}" for text in _in_example(example, compose)),
    ]


def _image_problem(image: str) -> str:
    host, slash, _ = image.partition("/")
    if slash and ("." in host or ":" in host):
        return f"{image} names a registry's host; use the plain name"
    if ":" not in image or image.endswith(":latest"):
        return f"{image} needs a tag that says which version"
    return ""


def _in_dockerfile(stages: list[Stage], root: Path) -> Iterator[str]:
    earlier: set[str] = set()
    for stage in stages:
        if stage.image not in earlier and (problem := _image_problem(stage.image)):
            yield problem
        if not stage.name:
            yield f"the stage from {stage.image} has no name"
        for one in stage.instructions:
            yield from (f"line {one.line}: {text}" for text in _in_instruction(one, earlier, root))
        earlier.add(stage.name)
    yield from _in_last_stage(stages)


def _in_instruction(one: Instruction, earlier: set[str], root: Path) -> Iterator[str]:
    if one.name == "ADD":
        yield "ADD fetches and unpacks; use COPY"
    if one.name in {"ENV", "ARG"}:
        names = [word.partition("=")[0] for word in shlex.split(one.value)]
        for name in names:
            if SECRET.search(name):
                yield f"{one.name} {name} would keep a secret in the image"
    if CREDENTIALS.search(one.value):
        yield "an address with a password in it"
    if one.name == "RUN":
        if "pip" in one.words and "install" in one.words:
            for option in ("--require-hashes", "--no-deps", "--only-binary"):
                if option not in one.words:
                    yield f"pip install without {option}"
        if one.words[0] == "npm" and (one.words[1] != "ci" or "--ignore-scripts" not in one.words):
            yield "npm must be «npm ci» with --ignore-scripts"
        if re.search(r"\b(curl|wget)\b", one.value):
            yield "nothing is downloaded but packages of the lock"
    if one.name == "COPY":
        yield from _in_copy(one, earlier, root)


def _in_copy(one: Instruction, earlier: set[str], root: Path) -> Iterator[str]:
    source = one.options.get("from")
    if source is not None:
        if source not in earlier:
            yield f"--from={source} is no earlier stage"
        return
    for path in one.paths[:-1]:
        plain = path.rstrip("/")
        if plain in {".", "", "*"}:
            yield "COPY names what it takes, never everything"
        elif any(plain == bad or plain.startswith(f"{bad}/") for bad in UNWANTED):
            yield f"{plain} does not belong in the image"
        elif not (root / plain).exists():
            yield f"{plain} does not exist"


def _in_last_stage(stages: list[Stage]) -> Iterator[str]:
    last = stages[-1]
    users = last.all("USER")
    if not users or not re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", users[-1].value):
        yield "the last USER must be two numbers, user and group, not 0"
    elif any(one.name in {"RUN", "COPY"} for one in _after(last, users[-1])):
        yield "nothing is written after the last USER, or the portal could change its own code"
    if not last.all("HEALTHCHECK"):
        yield "no HEALTHCHECK in the last stage"
    for one in last.all("RUN"):
        if found := BUILD_TOOLS.search(one.value):
            yield f"line {one.line}: {found[0]} does not belong in the last stage"
    for one in last.all("COPY"):
        if "node_modules" in one.value or one.options.get("from") == "assets":
            yield f"line {one.line}: npm packages do not belong in the last stage"
    environment = " ".join(one.value for one in last.all("ENV"))
    if "PYTHONDONTWRITEBYTECODE=1" not in environment:
        yield "PYTHONDONTWRITEBYTECODE=1 is not set"
    commands = last.all("CMD")
    if len(commands) != 1 or not commands[0].value.startswith("["):
        yield "one CMD in the last stage, as a list of words"
    elif "--no-access-log" not in commands[0].words:
        yield "the web server must run with --no-access-log: addresses of the webhook hold a code"
    copied = {path.rstrip("/") for stage in stages for c in stage.all("COPY") for path in c.paths}
    for package in sorted(set(PACKAGES) - copied):
        yield f"{package} is not copied"


def _after(stage: Stage, one: Instruction) -> list[Instruction]:
    return stage.instructions[stage.instructions.index(one) + 1 :]


def _in_ignored(stages: list[Stage], lines: list[str]) -> Iterator[str]:
    rules = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not rules or rules[0] != "*":
        yield "must begin with «*»: nothing goes to the build but what is named"
    allowed = {rule[1:] for rule in rules if rule.startswith("!")}
    for path in sorted(allowed):
        if any(path == bad or path.startswith(f"{bad}/") for bad in UNWANTED):
            yield f"lets {path} into the build"
    if "portal" in allowed and "portal/demo" not in rules:
        yield "portal/demo is not left out"
    wanted = {
        path.rstrip("/")
        for stage in stages
        for one in stage.all("COPY")
        if "from" not in one.options
        for path in one.paths[:-1]
    }
    for path in sorted(wanted - allowed):
        yield f"{path} is copied by the Dockerfile, but left out"
    for path in sorted(allowed - wanted):
        yield f"{path} is let in, but nothing copies it"


def _in_compose(compose: dict[str, Any], root: Path) -> Iterator[str]:
    services: dict[str, dict[str, Any]] = compose["services"]
    for name, service in services.items():
        yield from (f"{name}: {text}" for text in _in_service(name, service, compose))
    if not (compose.get("networks", {}).get("inside") or {}).get("internal"):
        yield "the inside network must be internal: no way out"
    volumes = {_volume(one) for service in services.values() for one in service.get("volumes", [])}
    for volume in sorted({one for one in volumes if not one.startswith(".")}):
        if volume not in compose.get("volumes", {}):
            yield f"volume {volume} is not declared"
    for name, secret in compose.get("secrets", {}).items():
        if not str(secret.get("file", "")).startswith("./secrets/"):
            yield f"secret {name} must be a file in ./secrets/"
    for volume in (one for one in volumes if one.startswith("./")):
        if not (root / "docker" / volume).exists():
            yield f"{volume} does not exist"


def _in_service(name: str, service: dict[str, Any], compose: dict[str, Any]) -> Iterator[str]:
    is_one_shot = service.get("restart") == "no"
    image = str(service.get("image", ""))
    if (problem := _image_problem(image)) and not service.get("build"):
        yield problem or "no image"
    if service.get("restart") not in {"unless-stopped", "always", "no"}:
        yield "no restart policy"
    health = service.get("healthcheck") or {}
    if not is_one_shot and (not health.get("test") or health.get("disable")):
        yield "no health check"
    if service.get("read_only") is not True:
        yield "its own files must be read_only"
    if service.get("cap_drop") != ["ALL"]:
        yield "cap_drop must be [ALL]"
    if set(service.get("cap_add", [])) - {"NET_BIND_SERVICE"}:
        yield "adds a capability it does not need"
    if "no-new-privileges:true" not in service.get("security_opt", []):
        yield "no-new-privileges is not set"
    if not service.get("logging", {}).get("options", {}).get("max-size"):
        yield "its log has no largest size"
    if service.get("privileged") or service.get("network_mode") or service.get("pid"):
        yield "must not share the machine's own network, processes or rights"
    if service.get("ports") and name != "proxy":
        yield "only the proxy publishes ports"
    if name in {"postgres", "redis"} and service.get("networks") != ["inside"]:
        yield "must be on the inside network alone"
    if any("docker.sock" in _volume(one) for one in service.get("volumes", [])):
        yield "must not hold Docker's own socket"
    for other, condition in _waits_for(service):
        if other not in compose["services"]:
            yield f"waits for {other}, which is no service"
        elif not condition:
            yield f"waits for {other} without saying for what"
    yield from _in_values(service, compose)


def _in_values(service: dict[str, Any], compose: dict[str, Any]) -> Iterator[str]:
    for key, value in (service.get("environment") or {}).items():
        text = str(value)
        if SECRET.search(key) and not key.endswith("_FILE"):
            yield f"{key} is a secret: hand over {key}_FILE"
        if key.endswith("_FILE"):
            secret = text.removeprefix("/run/secrets/")
            if secret not in service.get("secrets", []):
                yield f"{key} is {text}, which is no secret of this service"
        if CREDENTIALS.search(text):
            yield f"{key} has a password in it"
    if CREDENTIALS.search(str(service.get("command", ""))):
        yield "its command has a password in it"
    for secret in service.get("secrets", []):
        if secret not in compose.get("secrets", {}):
            yield f"secret {secret} is not declared"


def _volume(volume: Any) -> str:
    return str(volume).partition(":")[0]


def _waits_for(service: dict[str, Any]) -> list[tuple[str, str]]:
    found = service.get("depends_on") or {}
    if isinstance(found, list):
        return [(one, "") for one in found]
    return [(one, str(how.get("condition", ""))) for one, how in found.items()]


def _in_example(example: str, compose: dict[str, Any]) -> Iterator[str]:
    named = set(re.findall(r"^#?([A-Z][A-Z_]*)=", example, re.MULTILINE))
    wanted = set(re.findall(r"\$\{([A-Z_]+)", yaml.safe_dump(compose)))
    for name in sorted(wanted - named):
        yield f"{name} is used by compose.yaml, but not shown"
    for name in sorted(named - wanted):
        yield f"{name} is shown, but compose.yaml does not use it"
    for name in sorted(filter(SECRET.search, named)):
        yield f"{name} is a secret and belongs in a file"


def main() -> int:
    found = problems(ROOT)
    for problem in found:
        sys.stderr.write(f"docker/{problem}\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
