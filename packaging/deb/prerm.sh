if [ "$1" = remove ] && [ -d /run/systemd/system ]; then
    # In one go: a service that stops alone is started again by its socket.
    # shellcheck disable=SC2086
    deb-systemd-invoke stop $socket $unit >/dev/null || true
fi
