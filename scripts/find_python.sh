#!/usr/bin/env bash
# Prints the first Python of the given versions that really runs: `find_python.sh 3.12 3.11`.
# pyenv's shims stand on PATH for versions that are not active and then fail, so each candidate is tried.
set -euo pipefail

for version in "$@"; do
    candidates=("python$version" python3)
    for root in "${PYENV_ROOT:-$HOME/.pyenv}" "$HOME/.pyenv"; do
        candidates+=("$root"/versions/"$version"*/bin/python)
    done
    for candidate in "${candidates[@]}"; do
        # The answer is the interpreter itself: a shim would depend on the folder it is called from.
        if real=$("$candidate" -c '
import sys
print(sys.executable if "%d.%d" % sys.version_info[:2] == sys.argv[1] else "")' "$version" 2>/dev/null) \
            && [[ -n $real ]]; then
            echo "$real"
            exit 0
        fi
    done
done
exit 1
