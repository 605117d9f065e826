# What the scripts of both kinds of packages share. What the package is called, xtask writes in
# front.

# A text as it stands between the quotes of a string of TOML. What TOML forbids in a string makes it
# no TOML, which is told.
toml_text() {
    printf '%s' "$1" | sed 's/[\\"]/\\&/g' | awk 'NR > 1 { printf "\\n" } { printf "%s", $0 }'
}

# Whether the program starts with this configuration alone; says why not. $1 is what was asked, $2
# the configuration.
usable() {
    scratch=$(mktemp -d)
    printf '%s\n' "$2" >"$scratch/answer.toml"
    if problem=$($check --config "$scratch/answer.toml" 2>&1); then
        rm -rf "$scratch"
        return 0
    fi
    printf '%s: what was answered to %s is left out: %s\n' "$package" "$1" "$problem" |
        sed "s|$scratch/||g" >&2
    rm -rf "$scratch"
    return 1
}

# Says what is wrong with the configuration, and stops nothing: in the middle of an installation
# nobody can mend it.
tell_configuration() {
    remedy=
    problems=$($check ${configuration:+--config "$configuration"} 2>&1) ||
        remedy="$unit starts once that is mended: systemctl restart $unit"
    for text in "$problems" "$remedy"; do
        [ -z "$text" ] || printf '%s\n' "$text" >&2
    done
}
