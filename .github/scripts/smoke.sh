#!/usr/bin/env bash
# A synthetic traveller calls what was deployed: every link, then a spoken question with an answer that is heard.
# Usage: smoke.sh URL
set -euo pipefail
url="${1:?the URL of the API}"
.venv/bin/polyglot doctor "$url"
# Exits with an error unless the agent joined, spoke, and answered each thing that was said.
.venv/bin/polyglot call "$url" --lang en --say "Find flights from New York to Los Angeles on the third of March."
