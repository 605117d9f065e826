systemd-sysusers "$package.conf" >/dev/null || :
prepare
tell

# Not by presets, which leave everything switched off on RHEL: who installs a service for all users
# of a machine wants it to run.
if [ "$1" -eq 1 ]; then
    systemctl --no-reload enable $socket $unit >/dev/null 2>&1 || :
fi
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
    if [ "$1" -eq 1 ]; then
        systemctl start $socket $unit || :
    else
        # The socket stays open: who connects meanwhile waits for the new program and is not turned
        # away.
        systemctl try-restart "$unit" || :
    fi
fi
