"""Do what the Dockerfile says, stage by stage, in a folder; then start what it made.

Every stage is built in FOLDER/app and then moved aside, so that paths inside it (a venv knows its
own) are the same when the last stage copies from it. Called by rehearse.sh.
"""

import fnmatch
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from check import ROOT, Instruction, Stage, read_dockerfile

READY_SECONDS = 30
USER = 10001
# Commands that change the image's system and not /app: for a container engine only.
FOR_ENGINES = {"useradd", "install"}


class Failed(Exception):
    """The text says which step, and what it wrote."""


class Rehearsal:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.app = folder / "app"
        self.began = time.monotonic()
        ignored = (ROOT / "docker/Dockerfile.dockerignore").read_text(encoding="utf-8")
        self.left_out = [
            line
            for line in ignored.splitlines()
            if line and line != "*" and not line.startswith(("#", "!"))
        ]

    def say(self, text: str) -> None:
        sys.stdout.write(f"[{time.monotonic() - self.began:5.1f} s] {text}\n")
        sys.stdout.flush()

    def build(self, stages: list[Stage]) -> None:
        """Build every stage; the last one stays in FOLDER/app."""
        for stage in stages:
            if self.app.exists():
                raise Failed(f"{self.app} is in the way")
            parent = self.folder / stage.image
            if parent.exists():
                _copy_tree(parent, self.app, copy=os.link)
            self.app.mkdir(exist_ok=True)
            for one in stage.instructions:
                if one.name == "COPY":
                    self._copy(one)
                elif one.name == "RUN":
                    self._run(stage, one)
            if stage is not stages[-1]:
                self.app.rename(self.folder / stage.name)

    def _copy(self, one: Instruction) -> None:
        *sources, target = one.paths
        for source in sources:
            if stage := one.options.get("from"):
                origin = self.folder / stage / source.removeprefix("/app").strip("/")
            else:
                origin = ROOT / source
            to = self.app / target
            if origin.is_dir() and stage:
                _copy_tree(origin, to, copy=os.link)
            elif origin.is_dir():
                _copy_tree(origin, to, skip=self._skip)
            else:
                to = to / origin.name if target.endswith("/") else to
                to.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(origin, to)

    def _skip(self, folder: str, names: list[str]) -> set[str]:
        """Leave out what the build's ignore file leaves out."""
        skipped = set()
        for name in names:
            path = (Path(folder) / name).relative_to(ROOT).as_posix()
            for rule in self.left_out:
                if path == rule or fnmatch.fnmatch(f"/{path}", rule.replace("**/", "*/")):
                    skipped.add(name)
        return skipped

    def _run(self, stage: Stage, one: Instruction) -> None:
        if one.words[0] in FOR_ENGINES:
            self.say(f"{stage.name}: LEFT OUT: {one.value}")
            return
        self.say(f"{stage.name}: {one.value[:110]}")
        result = subprocess.run(  # noqa: S602 (RUN lines are for a shell)
            one.value, shell=True, cwd=self.app, capture_output=True, text=True, check=False
        )
        if result.returncode:
            raise Failed(f"RUN {one.value}\n{result.stdout}{result.stderr}")

    def inspect(self) -> None:
        """Hold what was made to what the image promises."""
        unwanted = ["node_modules", "sandbox", "tests", "benchmarks", "portal/demo", "static"]
        if found := [one for one in unwanted if (self.app / one).exists()]:
            raise Failed(f"In the last stage: {', '.join(found)}")
        programs = {path.name for path in (self.app / ".venv/bin").iterdir()}
        if found := sorted(programs & {"pip", "node", "npm", "pytest", "gcc"}):
            raise Failed(f"In the image's venv: {', '.join(found)}")
        if not (self.app / ".static/staticfiles.json").exists():
            raise Failed("No list of static files; pages could not name them")
        size = sum(path.stat().st_size for path in self.app.rglob("*") if path.is_file())
        self.say(f"/app holds {size / 1e6:.0f} MB")

    def serve(self, stage: Stage) -> None:
        """Start the image's command as another user where we may, and ask its health check."""
        self._hide_earlier_stages()
        environment = self._environment(stage)
        user = self._other_user()
        self.say(f"starting as user {user.get('user', os.geteuid())}")
        log = self.folder / "log"
        with log.open("wb") as output:
            server = subprocess.Popen(  # noqa: S603 (the Dockerfile's own words)
                self._words(stage.all("CMD")[0].words),
                cwd=self.app,
                env=environment,
                stdout=output,
                stderr=output,
                start_new_session=True,
                **user,
            )
        try:
            self._ask(stage, server, environment)
        except Failed as exc:
            raise Failed(f"{exc}\n{log.read_text(encoding='utf-8')}") from exc
        finally:
            server.terminate()
            server.wait(30)
        self.say(f"stopped, status {server.returncode}")

    def _hide_earlier_stages(self) -> None:
        """Out of reach, so that the last stage is seen to stand alone."""
        aside = self.folder / "aside"
        earlier = [each for each in self.folder.iterdir() if each != self.app]
        aside.mkdir(mode=0)
        for each in earlier:
            each.rename(aside / each.name)
        self.folder.chmod(0o755)

    def _other_user(self) -> dict[str, Any]:
        """Return how to start as the image's user: only as root, with a python that it may run."""
        if os.geteuid() != 0:
            return {}
        user: dict[str, Any] = {"user": USER, "group": USER, "extra_groups": []}
        try:
            subprocess.run(  # noqa: S603
                self._words(["python", "-c", ""]), check=True, **user
            )
        except (OSError, subprocess.SubprocessError):
            self.say(f"user {USER} may not run this machine's python, so the user stays the same")
            return {}
        return user

    def _words(self, words: list[str]) -> list[str]:
        """Programs come from the venv that was made, and from nowhere else."""
        return [str(self.app / ".venv/bin" / words[0]), *words[1:]]

    def _environment(self, stage: Stage) -> dict[str, str]:
        secret = self.folder / "secret_key"
        secret.write_text("rehearsal-" + os.urandom(32).hex(), encoding="utf-8")
        secret.chmod(0o444)
        image = [word.partition("=") for one in stage.all("ENV") for word in one.words]
        return {
            **{name: value for name, _, value in image},
            "PATH": f"{self.app}/.venv/bin",
            "GRANIAN_HOST": "127.0.0.1",
            "GRANIAN_PORT": str(_free_port()),
            "PUBLIC_URL": "https://portal.example.no",
            "BEHIND_PROXY": "yes",
            "SECRET_KEY_FILE": str(secret),
            "DATABASE_URL": os.environ["DATABASE_URL"],
            "REDIS_URL": os.environ["REDIS_URL"],
        }

    def _ask(
        self, stage: Stage, server: "subprocess.Popen[bytes]", environment: dict[str, str]
    ) -> None:
        question = Instruction("CMD", stage.all("HEALTHCHECK")[0].value.partition("CMD ")[2], 0)
        health = self._words(question.words)
        until = time.monotonic() + READY_SECONDS
        while True:
            asked = subprocess.run(  # noqa: S603
                health, cwd=self.app, env=environment, capture_output=True, text=True, check=False
            )
            if asked.returncode == 0:
                break
            if server.poll() is not None or time.monotonic() > until:
                raise Failed(f"The web server does not answer: {asked.stderr}")
            time.sleep(0.2)
        self.say("/helse/lever/ answers")
        check = self._words(["python", "manage.py", "check", "--database", "default"])
        subprocess.run(  # noqa: S603
            check, cwd=self.app, env=environment, check=True, capture_output=True
        )
        self.say("the settings hold, and the database answers")
        self._ask_for_more(int(environment["GRANIAN_PORT"]))

    def _ask_for_more(self, port: int) -> None:
        """A static file comes, a wrong code does not open the webhook, and neither is logged."""
        listed = json.loads((self.app / ".static/staticfiles.json").read_text(encoding="utf-8"))
        file = f"/static/{next(iter(listed['paths'].values()))}"
        wrong = "/altinn/hendelser/not-a-code"
        for method, path, wanted in (("GET", file, 200), ("POST", wrong, 404)):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request(method, path, headers={"Host": "portal.example.no"})
            if (status := connection.getresponse().status) != wanted:
                raise Failed(f"{method} {path} answered {status}, not {wanted}")
            connection.close()
        if "not-a-code" in (self.folder / "log").read_text(encoding="utf-8"):
            raise Failed("The web server logs addresses of the webhook")
        self.say("static files come, and the webhook opens to nobody without a code")


def _copy_tree(
    origin: Path,
    to: Path,
    *,
    skip: Callable[[str, list[str]], set[str]] | None = None,
    copy: Callable[[str, str], object] = shutil.copy2,
) -> None:
    shutil.copytree(origin, to, symlinks=True, dirs_exist_ok=True, ignore=skip, copy_function=copy)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main(folder: str) -> int:
    rehearsal = Rehearsal(Path(folder))
    stages = read_dockerfile((ROOT / "docker/Dockerfile").read_text(encoding="utf-8"))
    try:
        rehearsal.build(stages)
        rehearsal.inspect()
        rehearsal.serve(stages[-1])
    except (Failed, OSError, subprocess.SubprocessError) as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    rehearsal.say("Done. Not rehearsed: the base images and the lines left out.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
