#!/usr/bin/env bash
# Lets uv fetch a Python 3.10 and prints its path: `fetch_python310.sh UV`. Rasa 3.6 runs on nothing newer.
set -euo pipefail

uv=$1
echo "→ no Python 3.10 on this machine: uv fetches one" >&2
if ! "$uv" python install --quiet 3.10 >&2; then
    echo "Python 3.10 is needed for Rasa and could not be fetched; install it, for instance: pyenv install 3.10" >&2
    exit 1
fi
"$uv" python find --managed-python 3.10
