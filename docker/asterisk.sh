#!/bin/sh
# Asterisk in its container: the lab's configuration with this container's address in it. When it ends it is started
# again; a file kill-NAME in the shared folder has the node of that name killed as a crash would.
set -eu
run=/srv/supervise
shared=/srv/shared
name=$(hostname)
address=$(hostname -i | cut -d ' ' -f 1)
mkdir -p $run/etc $run/lib/keys $run/log/cdr-csv $run/log/cel-custom $run/run $run/spool
cp -r /srv/app/asterisk-conf/supervise $run/etc/
for file in /srv/app/asterisk-conf/lab/*.conf; do
    sed -e "s|@NAME@|$name|g; s|@RUN@|$run|g; s|@SOUNDS@|/srv/sounds|g" \
        -e "s|@DATA_DIRECTORY@|; astdatadir => as built|; s|@ADDRESS@|$address|g; s|@SIP_PORT@|5060|g" \
        -e "s|@ARI_ADDRESS@|0.0.0.0|g; s|@ARI_PORT@|8088|g" \
        -e "s|@ARI_PASSWORD@|$ARI_PASSWORD|g; s|@WITNESS_PASSWORD@|$ARI_PASSWORD-witness|g" \
        "$file" > "$run/etc/$(basename "$file")"
done
cp $shared/accounts.conf $run/etc/
if [ -n "$SECURE" ]; then
    # No phone may do without: signalling over TLS, sound over SRTP with keys from the SDP.
    sed -i 's/^transport = udp$/transport = tls\nmedia_encryption = sdes/' $run/etc/pjsip.conf
    cat >> $run/etc/pjsip.conf <<CONF
[tls]
type = transport
protocol = tls
bind = $address:5061
cert_file = $shared/certificate.pem
priv_key_file = $shared/key.pem
method = tlsv1_2
CONF
fi

# What Asterisk logs stands in build/harness/containers.log.
touch $run/log/messages
tail -n +1 -F $run/log/messages 2>/dev/null &
running=0
trap 'trap - TERM; kill "$running"; wait "$running"; exit 0' TERM INT
while :; do
    asterisk -f -C $run/etc/asterisk.conf &
    running=$!
    while kill -0 "$running" 2>/dev/null; do
        if [ -e "$shared/kill-$name" ]; then
            kill -KILL "$running"
            rm -f "$shared/kill-$name"
        fi
        sleep 0.1
    done
    wait "$running" || true
done
