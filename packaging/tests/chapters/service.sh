# What an administrator does with a service: asks how it stands, reloads it, measures it.

holds 'the sandbox of the daemon is as tight as promised' \
    systemd-analyze security --no-pager --threshold=13 convened.service
holds 'the sandbox of the server is as tight as promised' \
    systemd-analyze security --no-pager --threshold=14 convene-server.service

# fingerprint: of the certificate that the server shows.
fingerprint() {
    openssl s_client -connect 127.0.0.1:443 </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256
}
own=$(fingerprint)
server=$(pid convene-server)
openssl req -x509 -newkey rsa:2048 -noenc -days 30 -subj /CN=conference.test -addext subjectAltName=DNS:conference.test \
    -keyout /etc/convene/key.pem -out /etc/convene/fullchain.pem 2>/dev/null
chgrp convene-server /etc/convene/key.pem
chmod 640 /etc/convene/key.pem
printf '[tls]\ncertificate = "fullchain.pem"\nkey = "key.pem"\n' >>/etc/convene/convene-server.toml
holds 'the server reloads' systemctl reload convene-server
holds 'the server is the same process after a reload' test "$server" = "$(pid convene-server)"
holds 'the server shows the new certificate' within 10 eval '[ "$(fingerprint)" != "$own" ]'
echo 'nonsense' >>/etc/convene/convene-server.toml
systemctl reload convene-server
holds 'a mistake changes nothing at the server' test "$server" = "$(pid convene-server)"
holds 'and is told in the journal' within 10 tells 'convene-server.toml' \
    journalctl --boot --no-pager --unit convene-server --priority err
sed -i '/^\[tls\]/,$d' /etc/convene/convene-server.toml
systemctl reload convene-server

daemon=$(pid convened)
mkdir -p /etc/convene/convened.d
printf '[[server]]\nhost = "conference.test"\ndirect_ports = "4502"\n' >/etc/convene/convened.d/ports.toml
holds 'the daemon reloads' systemctl reload convened
holds 'the daemon is the same process after a reload' test "$daemon" = "$(pid convened)"
holds 'the daemon does as it is told now' within 10 tells '"ports":"4502' as anna convene check --json
printf '[polizy]\n' >/etc/convene/convened.d/mistake.toml
systemctl reload convened
holds 'a mistake changes nothing at the daemon' test "$daemon" = "$(pid convened)"
holds 'and is told in the journal, by file' within 10 tells 'mistake.toml' \
    journalctl --boot --no-pager --unit convened --priority err
rm /etc/convene/convened.d/mistake.toml
systemctl reload convened

# Ticks of the processor that a process has used, in hundredths of a second.
ticks() { awk '{ print $14 + $15 }' "/proc/$(pid "$1")/stat"; }
before=$(ticks convened)
sleep 5
measured 'processor of the idle daemon in 5 s' "$(($(ticks convened) - before)) ticks of 10 ms"
measured 'memory of the idle daemon' "$(awk '/^Pss:/ { print $2 }' "/proc/$(pid convened)/smaps_rollup") KiB"
