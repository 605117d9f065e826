forget() {
    rm -f /etc/convene/convened.d/50-debconf.toml
    rmdir --ignore-fail-on-non-empty /etc/convene/convened.d 2>/dev/null || true
}
