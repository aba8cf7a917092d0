#!/usr/bin/env bash
# Go through every step of the Dockerfile without a container engine, in a folder of its own and
# with an empty environment: npm and pip install, theme, static files, then the web server as
# another user, asked by the image's own health check.
#
#   DATABASE_URL=… REDIS_URL=… docker/rehearse.sh      (make image sets both)
#
# Needs node, npm and a python with pip and PyYAML (.venv's, unless PYTHON names another). Not
# rehearsed: the base images, and the RUN lines that make the user; those are named when they are left out.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
: "${DATABASE_URL:?Set DATABASE_URL to a PostgreSQL that may be asked whether it is there}"
: "${REDIS_URL:?Set REDIS_URL}"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Of this environment, only how package managers reach their registries is taken along.
kept=(HOME="$HOME" LANG=C.UTF-8 DATABASE_URL="$DATABASE_URL" REDIS_URL="$REDIS_URL")
while IFS='=' read -r -d '' name value; do
  case "$name" in
    PIP_* | npm_config_* | NPM_CONFIG_* | *_proxy | *_PROXY | SSL_CERT_* | NODE_EXTRA_CA_CERTS)
      kept+=("$name=$value") ;;
  esac
done < <(env -0)

python="${PYTHON:-$root/.venv/bin/python}"
env -i "${kept[@]}" PATH="$(dirname "$python"):$PATH" "$python" "$root/docker/rehearse.py" "$folder"
