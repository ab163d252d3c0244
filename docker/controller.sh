#!/bin/sh
# The controller in its container. The runner's wishes are files in the shared folder: kill-controller has it killed as
# the kernel would, and it stays down for as long as controller-down is there. NODES is every Asterisk: NAME=HOST.
set -eu
shared=/srv/shared
cat > /tmp/supervise.toml <<TOML
policy = "$shared/policy.yaml"
journal = "$JOURNAL"
[web]
address = "0.0.0.0"
port = 8089
tokens = "$shared/tokens.json"
TOML
for node in $NODES; do
    printf '[[node]]\nname = "%s"\nurl = "http://%s:8088"\n' "${node%%=*}" "${node#*=}" >> /tmp/supervise.toml
done
running=0
trap 'trap - TERM; kill "$running"; wait "$running"; exit 0' TERM INT
while :; do
    if [ ! -e $shared/controller-down ]; then
        /opt/supervise/bin/python3 -m supervise serve --settings /tmp/supervise.toml &
        running=$!
        while kill -0 "$running" 2>/dev/null; do
            if [ -e $shared/kill-controller ]; then
                kill -KILL "$running"
                rm -f $shared/kill-controller
            fi
            sleep 0.1
        done
        wait "$running" || true
    fi
    sleep 0.1
done
