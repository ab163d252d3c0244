#!/bin/sh
# PostgreSQL in its container: a cluster in memory with one user and one database, gone with the container.
set -eu
bin=$(echo /usr/lib/postgresql/*/bin)
echo "$PASSWORD" > /tmp/password
"$bin/initdb" --pgdata /data/cluster --username supervise --pwfile /tmp/password --auth scram-sha-256 --encoding UTF8 --locale C
rm /tmp/password
echo "host all all 0.0.0.0/0 scram-sha-256" >> /data/cluster/pg_hba.conf
echo "CREATE DATABASE supervise" | "$bin/postgres" --single -D /data/cluster postgres > /dev/null
exec "$bin/postgres" -D /data/cluster -c listen_addresses=0.0.0.0 -c unix_socket_directories=/tmp
