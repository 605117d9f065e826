systemd-sysusers "$package.conf" >/dev/null || :
prepare
tell_name
tell_configuration

if [ "$1" -eq 1 ]; then
    systemctl --no-reload preset $socket $unit >/dev/null 2>&1 || :
fi
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
    if [ "$1" -eq 1 ]; then
        for one in $socket $unit; do
            if systemctl --quiet is-enabled "$one"; then systemctl start "$one" || :; fi
        done
    else
        # The socket stays open: who connects meanwhile waits for the new program and is not turned away.
        systemctl try-restart "$unit" || :
    fi
fi
