#!/usr/bin/env bash
# A synthetic traveller calls what was deployed: every link, then a spoken question in two languages and a typed one, each with
# an answer.
# Usage: smoke.sh URL
set -euo pipefail
url="${1:?the URL of the API}"
.venv/bin/polyglot doctor "$url"
# Exits with an error unless the agent joined, spoke, and answered each thing that was said or typed.
.venv/bin/polyglot call "$url" --lang en --say "Find flights from New York to Los Angeles on the third of March." --text "And which of them are direct?"
.venv/bin/polyglot call "$url" --lang es --say "Busca vuelos de Madrid a París para el tres de marzo."
