# What the chapters of the story share. Each check is a line of the report: "ok NAME", or "FAILED
# NAME: what was seen". shellcheck shell=bash

report=/report/checks

# holds NAME COMMAND...: the command succeeds.
holds() {
    local name=$1 seen
    shift
    if seen=$("$@" 2>&1); then
        echo "ok $name" >>"$report"
    else
        echo "FAILED $name: $(tr '\n' ' ' <<<"$seen" | tail -c 600)" >>"$report"
    fi
}

# fails NAME COMMAND...: the command does not succeed.
fails() {
    local name=$1
    shift
    holds "$name" not "$@"
}

not() { ! "$@"; }

# tells TEXT COMMAND...: the command prints a text that holds this extended regular expression,
# whatever its exit code.
tells() {
    local text=$1 seen
    shift
    seen=$("$@" 2>&1) || true
    grep -Eq -- "$text" <<<"$seen" || { echo "no \"$text\" in: $seen"; return 1; }
}

# within SECONDS COMMAND...: the command succeeds before the time is over; what it printed last is
# shown otherwise.
within() {
    local end=$((SECONDS + $1)) seen
    shift
    until seen=$("$@" 2>&1); do
        ((SECONDS < end)) || { echo "$seen"; return 1; }
        sleep 0.1
    done
}

# measured NAME VALUE: a figure for whoever reads the report.
measured() { echo "measured $1: $2" >>"$report"; }

as() { runuser -u "$1" -- "${@:2}"; }

pid() { systemctl show --property MainPID --value "$1"; }

journal() { journalctl --boot --no-pager --output cat --unit "$1"; }
