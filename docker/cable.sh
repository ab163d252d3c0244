#!/bin/sh
# Pulls the controller's network cable and puts it in again, as the files cut-network and heal-network wish.
set -eu
shared=/srv/shared
trap 'exit 0' TERM INT
while :; do
    if [ -e $shared/cut-network ]; then
        ip link set eth0 down
        rm -f $shared/cut-network
    elif [ -e $shared/heal-network ]; then
        ip link set eth0 up
        rm -f $shared/heal-network
    fi
    sleep 0.1
done
