# The configuration is a copy, not a file of the package: the scripts write the name into it.
prepare() {
    if [ ! -e "$configuration" ]; then
        cp /usr/share/convene-server/convene-server.toml "$configuration"
    fi
}

# Writes the name in place of the one that is set, or of the line that shows how. $1 is the whole
# line.
set_name() {
    fresh=$(mktemp)
    line=$1 awk '
        !done && /^[ \t]*#?[ \t]*name[ \t]*=/ { print ENVIRON["line"]; done = 1; next }
        !done && /^[ \t]*\[/ { print ENVIRON["line"]; done = 1 }
        { print }
        END { if (!done) print ENVIRON["line"] }
    ' "$configuration" >"$fresh"
    cat "$fresh" >"$configuration"
    rm -f "$fresh"
}

# Says why the service does not start, if it does not.
tell() {
    if grep -qs '^[[:space:]]*name[[:space:]]*=' "$configuration"; then
        tell_configuration
    else
        echo "convene-server: not started: set name in $configuration, then: systemctl start convene-server" >&2
    fi
}
