#!/bin/sh
# The phones and the runner in their container.
set -eu
if [ -n "$NETEM" ]; then
    # shellcheck disable=SC2086 - words of their own
    tc qdisc add dev eth0 root netem $NETEM || {
        echo "The network cannot be disturbed here: the kernel has no sch_netem (modprobe sch_netem on the host)." >&2
        exit 1
    }
fi
cd /tmp
# shellcheck disable=SC2046 - words of their own
exec /opt/supervise/bin/python3 -m supervise lab scenario --at asterisk --shared /srv/shared --codec "$CODEC" ${NETEM:+--lossy} \
    --report /srv/shared/report $(for each in $SCENARIOS; do echo "/srv/app/$each"; done)
