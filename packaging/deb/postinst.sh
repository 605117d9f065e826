case "$1" in
configure | abort-upgrade | abort-deconfigure | abort-remove) ;;
*) exit 0 ;;
esac

. /usr/share/debconf/confmodule
systemd-sysusers "$package.conf"
prepare
take_answers "$2"
db_stop
tell

for one in $socket $unit; do
    deb-systemd-helper unmask "$one" >/dev/null || true
    if deb-systemd-helper --quiet was-enabled "$one"; then
        deb-systemd-helper enable "$one" >/dev/null || true
    else
        deb-systemd-helper update-state "$one" >/dev/null || true
    fi
done
if [ -d /run/systemd/system ]; then
    systemctl --system daemon-reload >/dev/null || true
    # An upgrade leaves the socket open: who connects meanwhile waits for the new program and is not
    # turned away.
    [ -z "$socket" ] || deb-systemd-invoke start "$socket" >/dev/null || true
    if [ -n "$2" ]; then action=restart; else action=start; fi
    deb-systemd-invoke "$action" "$unit" >/dev/null || true
fi
