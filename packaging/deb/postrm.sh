if [ "$1" = purge ]; then
    for one in $socket $unit; do
        deb-systemd-helper purge "$one" >/dev/null 2>&1 || true
    done
    rm -rf "$state"
    forget
    rmdir --ignore-fail-on-non-empty /etc/convene 2>/dev/null || true
    # Nothing of theirs is left, so that their numbers may be given away again.
    userdel "$user" 2>/dev/null || true
    groupdel "$user" 2>/dev/null || true
fi

if [ "$1" = remove ] || [ "$1" = purge ]; then
    [ ! -d /run/systemd/system ] || systemctl --system daemon-reload >/dev/null || true
    # Made for the socket by systemd, which leaves it.
    [ -z "$socket" ] || rmdir /run/convene 2>/dev/null || true
fi

# What is sourced here ends the script's own output, so it comes last.
if [ "$1" = purge ] && [ -e /usr/share/debconf/confmodule ]; then
    . /usr/share/debconf/confmodule
    db_purge
fi
