# Inside of the sandbox: a change of the network is seen, a script names a proxy in a child that is
# shut in, and a key of the machine's own opens that proxy. The packages of Kerberos and squid are
# Debian's.

echo '127.0.0.1 proxy.corp.test' >>/etc/hosts
cat >/etc/krb5.conf <<'KERBEROS'
[libdefaults]
default_realm = CORP.TEST
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
[realms]
CORP.TEST = {
    kdc = 127.0.0.1:88
}
[domain_realm]
.corp.test = CORP.TEST
KERBEROS
cat >/etc/krb5kdc/kdc.conf <<'OFFICE'
[kdcdefaults]
kdc_listen = 127.0.0.1:88
kdc_tcp_listen = 127.0.0.1:88
[realms]
CORP.TEST = {
    database_name = /var/lib/krb5kdc/principal
    key_stash_file = /etc/krb5kdc/stash
}
OFFICE
kdb5_util create -s -P master -r CORP.TEST
mkdir -p /etc/credstore
for query in 'addprinc -randkey HTTP/proxy.corp.test' 'ktadd -k /etc/squid/keytab HTTP/proxy.corp.test' \
    'addprinc -randkey host/here.corp.test' 'ktadd -k /etc/credstore/krb5.keytab host/here.corp.test'; do
    kadmin.local -r CORP.TEST -q "$query"
done
chmod 600 /etc/credstore/krb5.keytab
chgrp proxy /etc/squid/keytab
chmod 640 /etc/squid/keytab
cat >/etc/squid/squid.conf <<'SQUID'
http_port 127.0.0.1:3128
visible_hostname proxy.corp.test
auth_param negotiate program /usr/lib/squid/negotiate_kerberos_auth -r -k /etc/squid/keytab -s HTTP/proxy.corp.test@CORP.TEST
auth_param negotiate children 1 startup=1
acl known proxy_auth REQUIRED
acl https port 443
http_access deny !known
http_access deny !https
http_access allow all
cache deny all
pinger_enable off
SQUID
systemctl start krb5-kdc squid
holds 'the proxy stands' within 20 connects 3128

# The daemon reaches nothing but the proxy: its user's packets to the server are refused.
holds 'the server is out of reach' nft -f - <<'FIREWALL'
table inet office {
    chain out {
        type filter hook output priority 0;
        meta skuid "convene" tcp dport { 443, 4500-4506 } reject with tcp reset
    }
}
FIREWALL
cat >/etc/proxy.pac <<'SCRIPT'
function FindProxyForURL(url, host) {
    return "PROXY proxy.corp.test:3128";
}
SCRIPT
systemctl restart convened
strace --follow-forks --quiet=all --trace=landlock_restrict_self,execve --output /report/strace \
    --attach "$(pid convened)" &
tracer=$!
traced() { grep -q "^TracerPid:[[:space:]]*[1-9]" "/proc/$(pid convened)/status"; }
within 10 traced
printf '[proxy]\npac_url = "file:///etc/proxy.pac"\n' >/etc/convene/convened.d/proxy.toml
holds 'the way leads through the proxy that the script names' within 30 tells '"proxy":"[^"]*proxy.corp.test:3128"' \
    as anna convene status --json
holds 'what is said arrives' within 30 tells '"state":"accepted"' says 'through the proxy'
kill $tracer
holds 'the script ran in a process of its own' grep -q execve /report/strace
holds 'Landlock shuts that process in' grep -Eq 'landlock_restrict_self\(.*\) += 0' /report/strace
fails 'nothing there is refused by the filter' grep -E 'EPERM|SIGSYS' /report/strace
# evaluated PROPERTY...: what such a process answers, in a service with these properties.
evaluated() {
    local property properties=()
    for property; do properties+=(--property "$property"); done
    echo '{"script":"function FindProxyForURL() { return '\''DIRECT'\''; }","url":"https://a/","host":"a","own":"::1"}' |
        systemd-run --quiet --wait --pipe "${properties[@]}" convened evaluate-pac-without-rights
}
holds 'a script runs by itself' tells DIRECT evaluated User=nobody
fails 'no script runs where a filter stands before Landlock' tells DIRECT \
    evaluated User=nobody SystemCallFilter=~landlock_create_ruleset SystemCallErrorNumber=EPERM

holds 'root alone reads the key, outside of the service' tells '^600 root$' \
    stat --format '%a %U' /etc/credstore/krb5.keytab

ip link add office0 type veth peer name office1
ip address add 192.0.2.10/24 dev office0
ip link set office0 up
ip link set office1 up
ip route add default via 192.0.2.1
holds 'a change of the network is seen' within 10 tells 'the network changed' journal convened

# A password that root alone may read; and squid tells of a connection when it has ended.
echo secret >/etc/credstore/proxy-password
chmod 600 /etc/credstore/proxy-password
cat >>/etc/convene/convened.d/proxy.toml <<'LOGIN'
user = "anna"
password_file = "/run/credentials/convened.service/proxy-password"
LOGIN
holds 'the daemon starts with a password that is handed to it' systemctl restart convened
holds 'the proxy was opened by the key of the machine' \
    within 10 grep -E 'CONNECT conference.test:443 host/here' /var/log/squid/access.log
nft delete table inet office
rm /etc/convene/convened.d/proxy.toml
