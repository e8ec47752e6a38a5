#!/usr/bin/env bash
# One open issue of a title: what happens again is written into it, without a message to everybody each night.
# Usage: issue.sh TITLE TEXT
set -euo pipefail
title="${1:?title}" text="${2:?text}"
found="$(gh issue list -R "$GITHUB_REPOSITORY" --state open --search "in:title \"$title\"" --json number,title \
  --jq "[.[] | select(.title == \"$title\")][0].number // empty")"
if [ -n "$found" ]; then
  gh issue edit "$found" -R "$GITHUB_REPOSITORY" --body "$text"
else
  gh issue create -R "$GITHUB_REPOSITORY" --title "$title" --body "$text"
fi
