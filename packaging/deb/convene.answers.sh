dropin=/etc/convene/convened.d/50-debconf.toml

# Makes the drop-in of the answers. $1 is the version that was there before: an upgrade leaves the
# drop-in as administrators left it.
take_answers() {
    [ -z "$1" ] || [ "${DEBCONF_RECONFIGURE:-}" = 1 ] || return 0
    text=
    db_get convene/server || RET=
    [ -z "$RET" ] || take convene/server '[[server]]' host "$RET"
    db_get convene/proxy || RET=
    case "$RET" in
    '' | auto) ;;
    off) take convene/proxy '[proxy]' mode off ;;
    *) take convene/proxy '[proxy]' url "$RET" ;;
    esac
    db_get convene/policy || RET=
    case "$RET" in
    '' | notify) ;;
    *) take convene/policy '[policy]' tls_inspection "$RET" ;;
    esac
    if [ -z "$text" ]; then
        rm -f "$dropin"
        return 0
    fi
    # A proxy's address may hold a login.
    install -m 640 -g "$user" /dev/null "$dropin"
    printf '# What debconf was answered; dpkg-reconfigure convene asks again and writes it anew.\n%s' "$text" >"$dropin"
}

# Adds a key to the drop-in if the daemon can use it. $1 is the question, $2 the section, $3 the
# key, $4 its value.
take() {
    section=$(printf '%s\n%s = "%s"' "$2" "$3" "$(toml_text "$4")")
    if usable "$1" "$section"; then
        text=$(printf '%s\n%s\n.' "$text" "$section")
        text=${text%.}
    fi
}
