#!/usr/bin/env bash
# Writes the hashed locks in requirements/ from pyproject.toml: one for everything, then one per image from the same versions.
set -euo pipefail
cd "$(dirname "$0")/.."
compile() { # output, arguments...
  local output=$1
  shift
  uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
    --no-header --output-file "requirements/$output" "$@"
}
providers=(anthropic aws azure cartesia deepgram elevenlabs google)
compile all.txt --extra api --extra gateway --extra agent --extra emulator --extra cli --extra infra --extra offline --extra dev \
  "${providers[@]/#/--extra=}" pyproject.toml
compile api.txt --extra api --extra gateway --constraint requirements/all.txt pyproject.toml
for extra in agent emulator cli infra offline; do
  compile "$extra.txt" --extra "$extra" --constraint requirements/all.txt pyproject.toml
done
for extra in "${providers[@]}"; do
  compile "provider-$extra.txt" --extra agent --extra "$extra" --constraint requirements/all.txt pyproject.toml
done
compile go.txt requirements/go.in
compile node.txt requirements/node.in
