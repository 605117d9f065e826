#!/bin/sh
# make-container.sh FOLDER: a small Debian 12 that boots, in which the packages are installed and
# tried. As root.
set -eu

# From where this machine gets its own Debian.
mirror=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
    awk '$1 == "bookworm" { print $2; exit }')
[ -n "$mirror" ] || { echo "apt's sources on this machine name no Debian 12 (bookworm)" >&2; exit 1; }

# What the programs need: systemd, libssl3, ca-certificates, and what loads tickets at run time.
# What the tests need: tickets and a proxy that wants them, and what looks at results.
packages=systemd,systemd-sysv,dbus,debconf,init-system-helpers,libssl3,ca-certificates,libgssapi-krb5-2
packages=$packages,krb5-kdc,krb5-admin-server,krb5-user,squid-openssl,openssl,iproute2,nftables,jq,strace
debootstrap --variant=minbase --include="$packages" bookworm "$1" "$mirror"
# Only what a test starts runs: these packages start themselves.
for unit in krb5-kdc krb5-admin-server squid; do
    rm -f "$1/etc/systemd/system/multi-user.target.wants/$unit.service"
done
