# On a fresh system: configurations with mistakes, which no installation fails of.
. /tests/checks.sh

holds 'packages without any answer install' dpkg --install /packages/now/*.deb
holds 'the daemon needs no answer' within 10 systemctl is-active --quiet convened
fails 'the server is not started without a name' systemctl is-active convene-server
fails 'that is no failure' systemctl is-failed convene-server
holds 'the server starts at boot once it has a name' systemctl is-enabled convene-server
holds 'the server says what is missing' tells 'name in /etc/convene/convene-server.toml' journal convene-server

(exec 3<&-; exec openssl s_server -accept 4503 -nocert -quiet) &
taken=$!
echo 'name = "conference.test"' >>/etc/convene/convene-server.toml
holds 'a port is taken' within 10 eval '(exec 3<>/dev/tcp/127.0.0.1/4503)'
systemctl restart --no-block convene-server
holds 'the server names the port that is taken' within 20 tells '4503' journal convene-server
kill $taken
holds 'it is ready when the port is free' within 20 systemctl is-active --quiet convene-server
holds 'the port is open' within 20 eval '(exec 3<>/dev/tcp/127.0.0.1/4503)'

echo '[proxi]' >>/etc/convene/convened.toml
echo 'nam = "x"' >>/etc/convene/convene-server.toml
for package in convene convene-server; do
    holds "$package installs in spite of a mistake" dpkg --install /packages/later/${package}_*.deb
done
holds 'the daemon says where the mistake is' within 10 tells 'convened.toml.*proxi' journal convened
holds 'the server says where the mistake is' within 10 tells 'convene-server.toml.*nam' journal convene-server
sed -i '/proxi/d' /etc/convene/convened.toml
holds 'the daemon is back once it is mended' within 20 systemctl is-active --quiet convened
sed -i '/^nam /d' /etc/convene/convene-server.toml
holds 'the server is back once it is mended' within 20 systemctl is-active --quiet convene-server

holds 'the packages are purged' dpkg --purge convene convene-server
echo 'the end' >>"$report"
