# The packages are installed with answers given beforehand, as on a thousand machines; nobody sees a
# question.
. /tests/checks.sh

echo '127.0.0.1 conference.test' >>/etc/hosts
useradd --create-home anna
useradd --create-home bob

debconf-set-selections <<'ANSWERS'
convene convene/server string conference.test
convene convene/proxy string auto
convene convene/policy select refuse
convene-server convene-server/name string conference.test
ANSWERS
holds 'the packages install' dpkg --install /packages/now/*.deb
holds 'the daemon runs at once' within 10 systemctl is-active --quiet convened
holds 'the server runs at once' within 10 systemctl is-active --quiet convene-server
holds 'both start at boot' systemctl is-enabled convened.service convened.socket convene-server.service
holds 'nothing has failed' test -z "$(systemctl --failed --plain --no-legend)"
holds 'the answers are in the configuration' grep -rq refuse /etc/convene/convened.d
holds 'the answers are kept from others' tells '^640 root convene$' \
    stat --format '%a %U %G' /etc/convene/convened.d/50-debconf.toml
holds 'links of ours are opened' grep -qx 'Exec=convene web --join %u' /usr/share/applications/convene-link.desktop
fails 'no program lacks its page' grep -q CONVENE_WEB_WITHOUT_ITS_PAGE /usr/bin/convene-web
echo 'the end' >>"$report"
