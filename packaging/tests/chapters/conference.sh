# After a boot: an ordinary user takes part, another sees nothing of it, and an upgrade in the
# middle loses nothing.

# connects PORT: something listens there on loopback.
connects() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>&1; }

# The texts with which each message of a conference begins, in order.
heard() { as anna convene tail --json "$conference" | jq --raw-output 'select(.text).text'; }

says() { as anna convene say --json --wait 30 "$conference" "$1"; }

holds 'the system has started without failures' within 30 tells running systemctl is-system-running
holds 'the daemon was started by the boot' within 10 systemctl is-active --quiet convened
holds 'the server was started by the boot' within 10 systemctl is-active --quiet convene-server
for unit in convened convene-server; do
    holds "$unit runs as its own user" tells "^${unit/convened/convene}$" \
        stat --format %U "/proc/$(pid $unit)"
    holds "$unit was not restarted" tells '^0$' systemctl show --property NRestarts --value $unit
done
for port in 443 4500 4501 4502 4503 4504 4505 4506; do
    holds "the server listens on $port" connects $port
done
holds 'the server may bind low ports and nothing else' \
    tells '^CapEff:\s*0000000000000400$' cat "/proc/$(pid convene-server)/status"
holds 'the daemon may do nothing special' \
    tells '^CapBnd:\s*0000000000000000$' cat "/proc/$(pid convened)/status"

echo 'title = "Tried in a container"' >/root/conference.toml
holds 'a conference is created' eval \
    'convene-server conference create --json /root/conference.toml >/root/conference.json'
holds 'an ordinary user joins through the socket' within 20 eval \
    'jq --raw-output .participant_link /root/conference.json | as anna convene join - --name Anna --json'
conference=$(jq --raw-output .conference /root/conference.json)
holds 'the connection is a direct one' tells '"rung":"direct"' as anna convene status --json
holds 'what she says is accepted' tells '"state":"accepted"' says 'first words'
holds 'she reads it' tells '^first words$' heard

holds 'another user sees no seat' eval '[ "$(as bob convene list --json | wc --bytes)" = 0 ] && as bob convene list'
fails 'another user does not read' as bob convene tail --json "$conference"
fails 'another user does not look into the state' as bob ls /var/lib/convene
fails 'an ordinary user does not see the whole daemon' as bob convene status --system
holds 'root sees the whole daemon' convene status --system
holds 'the state is the daemon'"'"'s alone' tells '^700 convene$' stat --format '%a %U' /var/lib/convene

# Texts are numbered; the hour at which each was accepted shows how long nobody could speak.
talk() {
    for ((number = 1; number <= 40; number++)); do
        says "message $number" >/dev/null && date +%s%3N >>/tmp/accepted
    done
}
talk &
talking=$!
within 30 test -s /tmp/accepted
before=$(pid convened)
holds 'the packages are upgraded in the middle of it' dpkg --install /packages/later/*.deb
fails 'another daemon runs now' test "$before" = "$(pid convened)"
holds 'the later version is installed' test "$(dpkg-query -f '${Version}' -W convene)" = \
    "$(dpkg-deb -f "$(echo /packages/later/convene_*.deb)" Version)"
wait $talking
holds 'nothing is lost, doubled or out of order' diff \
    <(seq 40 | sed 's/^/message /') <(heard | grep '^message ')
pause=$(awk 'NR > 1 && $1 - last > most { most = $1 - last } { last = $1 } END { print most + 0 }' /tmp/accepted)
measured 'the longest time in which nobody could speak' "$pause ms"
holds 'it took less than 5 s' test "$pause" -lt 5000
holds 'no unit has failed' test -z "$(systemctl --failed --plain --no-legend)"
