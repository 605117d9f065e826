# Removed, the packages stop what runs; purged, they leave nothing.

# What an administrator made belongs to the administrator.
rm -r /etc/convene/convened.d/ports.toml /etc/convene/key.pem /etc/convene/fullchain.pem
holds 'the packages are removed' dpkg --remove convene convene-server
fails 'the daemon has stopped' systemctl is-active convened
fails 'the server has stopped' systemctl is-active convene-server
fails 'nothing listens for frontends' test -e /run/convene/convened.sock
holds 'what people have written is still there' test -d /var/lib/convene -a -d /var/lib/convene-server
holds 'the packages are purged' dpkg --purge convene convene-server
fails 'no file is left' eval \
    'find / -xdev \( -path /proc -o -path /sys -o -path /tests -o -path /packages -o -path /report -o -path /var/log \
        -o -path /root \) -prune -o \( -iname "*convene*" -print \) | grep .'
fails 'no user or group is left' grep -i convene /etc/passwd /etc/group /etc/shadow /etc/gshadow
fails 'no answer to debconf is left' eval 'debconf-show convene convene-server | grep .'
fails 'systemd knows no unit' eval 'systemctl list-units --all --plain --no-legend "convene*" | grep .'
