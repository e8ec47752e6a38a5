#!/usr/bin/env bash
# One comment of its kind on a pull request: edited when it is there.
# Usage: comment.sh NUMBER KIND TEXT
set -euo pipefail
number="${1:?number}" kind="${2:?kind}" text="${3:?text}"
mark="<!-- polyglot:${kind} -->"
body="$(printf '%s\n```text\n%s\n```\n' "$mark" "$text")"
found="$(gh api "repos/$GITHUB_REPOSITORY/issues/$number/comments" --paginate \
  --jq ".[] | select(.body | startswith(\"$mark\")) | .id" | head -n 1)"
if [ -n "$found" ]; then
  gh api -X PATCH "repos/$GITHUB_REPOSITORY/issues/comments/$found" -f body="$body" --silent
else
  gh api -X POST "repos/$GITHUB_REPOSITORY/issues/$number/comments" -f body="$body" --silent
fi
