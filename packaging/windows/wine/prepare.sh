#!/bin/bash
# prepare.sh ROOT: makes in ROOT a Debian 13 with wine 10 and wixl (os/) and a prefix for wine
# (prefix/) in which our shims stand before two of wine's libraries. Once per machine, as root. All
# mounts are in a namespace of its own and end with it.
set -euo pipefail
if [ -z "${CONVENE_OWN_MOUNTS-}" ]; then CONVENE_OWN_MOUNTS=1 exec unshare --mount --pid --fork --kill-child "$0" "$@"; fi
here=$(cd "$(dirname "$0")" && pwd); root=$(cd "$1" && pwd); os=$root/os; prefix=$root/prefix
# From where this machine gets its own Debian.
mirror=$(apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
    awk '$1 == "bookworm" || $1 == "trixie" { print $2; exit }')
[ -n "$mirror" ] || { echo "apt's sources on this machine name no Debian 12 or 13" >&2; exit 1; }
debootstrap --variant=minbase --include=ca-certificates trixie "$os" "$mirror"
cp /etc/resolv.conf /etc/hosts "$os/etc/"
mount -t proc proc "$os/proc"; mount --rbind /dev "$os/dev"
chroot "$os" sh -c 'apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    wine wine64 wixl msitools libgnutls30t64 faketime && apt-get clean'

# The folder is seen in there under the same path, as everything that enter.sh shows.
mkdir -p "$prefix" "$os/$root/prefix"; mount --bind "$prefix" "$os/$root/prefix"
chroot "$os" env -i HOME=/root PATH=/usr/bin:/bin XDG_RUNTIME_DIR=/tmp WINEDEBUG=-all WINEPREFIX="$prefix" \
    sh -c 'umask 077; wineboot -i; wineserver -w'
wine=$os/usr/lib/x86_64-linux-gnu/wine; system=$prefix/drive_c/windows/system32
for dll in secur32 crypt32; do
    cp "$wine/x86_64-windows/$dll.dll" "$wine/x86_64-windows/${dll}w.dll"
    cp "$wine/x86_64-unix/$dll.so" "$wine/x86_64-unix/${dll}w.so"
    cp "$wine/x86_64-windows/$dll.dll" "$system/${dll}w.dll"
    own=$(grep -oE '^(BOOL WINAPI|SECURITY_STATUS SEC_ENTRY) [A-Za-z]+' "$here/$dll.c" | awk '{print $NF}')
    { printf 'LIBRARY %s.dll\nEXPORTS\n' $dll
      x86_64-w64-mingw32-objdump -p "$wine/x86_64-windows/$dll.dll" |
          sed -n '/Ordinal\/Name/,/^$/p' | awk '/\[ *[0-9]+\]/{print $NF}' |
      while read -r name; do
          if grep -qx "$name" <<< "$own"; then echo "  $name"; else echo "  $name = ${dll}w.$name"; fi
      done
    } > "$root/$dll.def"
    x86_64-w64-mingw32-gcc -O1 -w -shared -o "$system/$dll.dll" "$here/$dll.c" "$root/$dll.def"
done
