#!/usr/bin/env bash
# What the browser tests need beyond Python: Chromium and a Chinese font. Installed only where that is ours to do
# (Debian's apt, as root); elsewhere those tests are skipped, and this says so.
set -euo pipefail

missing=()
command -v chromium >/dev/null || command -v google-chrome >/dev/null || missing+=(chromium)
[[ -n $(fc-list :lang=zh 2>/dev/null || true) ]] || missing+=(fonts-noto-cjk)
if [[ ${#missing[@]} -eq 0 ]]; then
    exit 0
fi
if [[ $EUID -eq 0 ]] && command -v apt-get >/dev/null; then
    echo "→ for the browser tests: apt-get install ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    if apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null; then
        exit 0
    fi
fi
echo "The browser tests are skipped: ${missing[*]} not installed (Debian: sudo apt-get install ${missing[*]})"
