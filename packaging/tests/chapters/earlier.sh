# On a fresh system: an upgrade finds state directories of an earlier format and carries all of it
# on. expected.json says what is in them; the seats are root's.
. /tests/checks.sh

format=/formats/format-1
expected() { jq --raw-output "$1" $format/expected.json; }

# holding DIRECTORY USER FIXTURE: the directory holds what the fixture does, and is this user's.
holding() {
    rm --recursive --force "$1"
    install --directory --mode 700 --owner "$2" --group "$2" "$1"
    install --mode 600 --owner "$2" --group "$2" $format/"$3"/* "$1"
}

holds 'the packages install' dpkg --install /packages/now/*.deb
systemctl stop convened.socket convened
echo 'name = "localhost"' >>/etc/convene/convene-server.toml
mkdir --parents /etc/convene/convened.d
printf '[[server]]\nhost = "localhost"\ndirect_ports = "4500-4506"\nhttps_port = 443\n' \
    >/etc/convene/convened.d/here.toml
holding /var/lib/convene convene anna
holding /var/lib/convene-server convene-server server
holds 'the packages are upgraded' dpkg --install /packages/later/*.deb
holds 'everything starts' systemctl start convene-server convened.socket convened

holds 'every seat is there' within 10 diff \
    <(expected '.daemons.anna.seats[].name') <(convene list --json | jq --raw-output .name)
waits() { convene list --json | jq 'select(.server == "localhost" and (.waiting > 0 or .state == "joining"))'; }
holds 'what waited is decided' within 60 eval '[ -z "$(waits)" ]'
conference=$(expected .conferences.talk)
last=$(expected ".server.\"$conference\" | map(.seq) | max")
heard() { convene tail --json "$conference"; }
holds 'every event is there' diff \
    <(expected ".daemons.anna.events.\"$conference\"[]") \
    <(heard | jq "select(.seq <= $last) | .seq")
holds 'every message that waited arrived, once and in order' diff \
    <(expected ".outbox[] | select(.conference == \"$conference\") | .body.text | select(test(\"\u0007\") | not)") \
    <(heard | jq --raw-output 'select(.text).text' | tail --lines 3)
holds 'what is said now is accepted' tells '"state":"accepted"' \
    convene say --json --wait 30 "$conference" 'and so it goes on'
holds 'nothing failed' test -z "$(systemctl --failed --plain --no-legend)"
echo 'the end' >>"$report"
