#!/bin/bash
# enter.sh OS FOLDER… -- COMMAND…: runs COMMAND where the Debian in OS (prepare.sh made it) is ready
# for chroot and shows each FOLDER under its own path. Mounts, processes and the network (loopback
# alone) belong to COMMAND: when it ends, or this script is killed, nothing of them stays. COMMAND
# knows conference.test, and nobody in OS does.
set -euo pipefail
if [ -z "${CONVENE_ENTERED-}" ]; then
    CONVENE_ENTERED=1 exec unshare --mount --net --pid --fork --kill-child --mount-proc "$0" "$@"
fi
unset CONVENE_ENTERED
os=$1; shift
ip link set lo up
mount -t proc proc "$os/proc"; mount --rbind /dev "$os/dev"; mount -t tmpfs tmpfs "$os/tmp"
# Semaphores are named after numbers of processes, and those begin anew here: one that a killed
# process left outside would be taken for our own.
mount -t tmpfs tmpfs "$os/dev/shm"
{ cat /etc/hosts; echo 127.0.0.1 conference.test; } > "$os/tmp/hosts"; mount --bind "$os/tmp/hosts" /etc/hosts
while [ "$1" != -- ]; do mkdir -p "$os/$1"; mount --rbind "$1" "$os/$1"; shift; done; shift
"$@"
