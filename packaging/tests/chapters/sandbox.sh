# Each option of the sandboxes is shown to bite. sandbox.table has for each line of the units a
# probe, which succeeds without that line (as the user named there) and fails with that line alone,
# and which fails inside of the unit.

table=/tests/sandbox.table
install --mode 4755 /usr/bin/id /usr/local/bin/id-of-root
mkdir -p /usr/lib/modules
touch /usr/lib/modules/visible /tmp/visible
chmod 755 /home/anna
perl -e 'exit !defined shmget(0x6f70, 4096, 01666)'
# The smallest program of 32 bits: it ends with 0.
printf '\x7fELF\1\1\1\0\0\0\0\0\0\0\0\0\2\0\3\0\1\0\0\0\x54\x80\4\x08\x34\0\0\0\0\0\0\0\0\0\0\0\x34\0\x20\0\1\0\0\0\0\0\0\0'\
'\1\0\0\0\0\0\0\0\0\x80\4\x08\0\x80\4\x08\x5d\0\0\0\x5d\0\0\0\5\0\0\0\0\x10\0\0\x31\xc0\x40\x31\xdb\xcd\x80\x90\x90' \
    >/usr/local/bin/of-32-bits
chmod 755 /usr/local/bin/of-32-bits

# probed USER PROBE PROPERTY...: the probe succeeds in a service of this user with these properties
# and no others.
probed() {
    local user=$1 probe=$2 property properties=()
    shift 2
    for property; do properties+=(--property "$property"); done
    systemd-run --quiet --wait --pipe --property "User=$user" "${properties[@]}" /bin/bash -c "$probe" 2>&1
}

while IFS='|' read -r option user probe; do
    holds "without $option its probe succeeds" probed "$user" "$probe"
    fails "with $option its probe fails" probed "$user" "$probe" "$option" SystemCallErrorNumber=EPERM
done <$table

# What else the units say is no part of the sandbox.
others='Ambient|Environment|Exec|Group|LoadCredential|Restart|StateDirectory|SystemCallErrorNumber|Type|UMask|User|WatchdogSec'
for unit in convened convene-server; do
    file=/lib/systemd/system/$unit.service
    holds "every line of the sandbox of $unit has a probe" test -z "$(
        sed -n '/^\[Service\]/,/^\[Install\]/{/^[A-Z]/p}' $file | grep -Ev "^($others)[A-Za-z]*=" |
            grep -Fvx -f <(cut -d '|' -f 1 $table)
    )"
    # The same unit, in which the probes stand in the program's place.
    sed -e '/^Exec\|^Restart=\|^Watchdog\|^Type=\|^Requires=\|^Also=\|^LoadCredential=proxy/d' \
        -e "s|^\[Service\]|&\nType=oneshot\nExecStart=/bin/bash /tests/probe.sh\nStandardOutput=file:/report/probes-$unit|" \
        $file >/run/systemd/system/probe-$unit.service
    systemctl daemon-reload
    holds "the probes run in the sandbox of $unit" systemctl start probe-$unit
    holds "no probe succeeds in the sandbox of $unit" test -z "$(grep '^open' /report/probes-$unit)"
    holds "all probes were tried in the sandbox of $unit" grep -q '^tried' /report/probes-$unit
done
