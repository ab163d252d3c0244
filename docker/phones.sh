#!/bin/sh
# The phones and the runner in their container: root for as long as the network is made worse, then an ordinary user.
set -eu
cd /tmp
python=/opt/supervise/bin/python3
if [ -n "$NETEM" ]; then
    node=${NODES%% *}
    # shellcheck disable=SC2086 - words of their own
    tc qdisc add dev eth0 root netem $NETEM 2>/dev/null \
        || $python -m supervise.lab.wire.badnetwork "$NETEM" eth0 "${node#*=}" \
        || { echo "The network cannot be made worse here: no sch_netem in the kernel, and no TUN device." >&2; exit 1; }
fi
# shellcheck disable=SC2046 - words of their own
exec setpriv --reuid "${RUN_AS%:*}" --regid "${RUN_AS#*:}" --clear-groups --inh-caps -all,+net_raw,+net_admin \
    --ambient-caps -all,+net_raw,+net_admin $python -m supervise lab scenario \
    --nodes "$NODES" --shared /srv/shared --codec "$CODEC" ${SECURE:+--secure} --network "$NETEM" \
    --report /srv/shared/report $(for each in $SCENARIOS; do echo "/srv/app/$each"; done)
