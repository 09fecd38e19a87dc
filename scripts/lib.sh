# Shared by the scripts of this folder; sourced, not run.
# shellcheck shell=bash

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
VENV="${CURATION_VENV:-$ROOT/.venv}"

fail() {
    echo "$(basename "$0"): $1" >&2
    exit 2
}

# The first interpreter that is Python 3.11 to 3.13 and can make virtual environments.
find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11 python; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' \
            >/dev/null 2>&1; then
            "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1 ||
                fail "$candidate has no venv module; install it (on Debian: apt-get install python3-venv)"
            echo "$candidate"
            return
        fi
    done
    fail "needs Python 3.11, 3.12 or 3.13; install one, or name it: PYTHON=/path/to/python3 $0"
}

# A virtual environment with the package and the extras in $1, made once and again when what it
# depends on changes.
set_up() {
    local extras="$1" python stamp wanted
    stamp="$VENV/.curation-$extras"
    wanted="$(cat "$ROOT/pyproject.toml" "$ROOT/constraints.txt" | cksum)"
    if [ -x "$VENV/bin/python" ] && [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
        return
    fi
    python="$(find_python)" || exit 2
    echo "setting up $VENV; the first time takes a few minutes" >&2
    [ -x "$VENV/bin/python" ] || "$python" -m venv "$VENV" || fail "cannot make $VENV"
    # Without --use-pep517 a pip older than 23.1 builds packages without a wheel the old way where
    # `wheel` is installed, and that fetches what they are built with from nowhere.
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --use-pep517 \
        --constraint "$ROOT/constraints.txt" --editable "$ROOT[$extras]" >&2 ||
        fail "pip could not install the package; the lines above say why (is PyPI reachable?)"
    echo "$wanted" >"$stamp"
}
