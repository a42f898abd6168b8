#!/usr/bin/env bash
# Everything the tests need and the tests themselves: Debian's Chromium, CJK fonts and LibreOffice (for the round trip of templates), a virtual environment, format, lint, types, tests.
# Arguments go to pytest: bash tests/run.sh tests/test_verdicts.py
set -euo pipefail
cd "$(dirname "$0")/.."

missing=()
command -v chromium >/dev/null || missing+=(chromium)
fc-list 2>/dev/null | grep -qi 'cjk' || missing+=(fonts-noto-cjk fontconfig)
command -v soffice >/dev/null || missing+=(libreoffice-calc-nogui)
/usr/bin/python3 -c 'import uno' 2>/dev/null || missing+=(python3-uno)
if [ ${#missing[@]} -gt 0 ]; then
    as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(sudo)
    "${as_root[@]}" apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

[ -x .venv/bin/python ] || python3 -m venv .venv
.venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt

.venv/bin/ruff format --check --quiet .
.venv/bin/ruff check --quiet .
.venv/bin/mypy --no-error-summary
.venv/bin/python -m compliance check
if [ $# -gt 0 ]; then
    exec .venv/bin/python -m pytest -q "$@"
fi

# Browser tests wait more than they work, so they run beside the others; in a process of their own, since a browser keeps an event loop in its process.
browser_log=$(mktemp)
trap 'rm -f "$browser_log"' EXIT
.venv/bin/python -m pytest -q tests/browser -p no:cacheprovider >"$browser_log" 2>&1 &
browser=$!
failed=0
.venv/bin/python -m pytest -q --ignore=tests/browser -n 2 --dist loadfile || failed=1
wait "$browser" || failed=1
echo "-- in the browser"
cat "$browser_log"
exit "$failed"
