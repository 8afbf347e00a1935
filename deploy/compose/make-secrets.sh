#!/bin/sh
# Makes the passwords of the demonstration once: random, in files that only their owner and the containers read.
set -eu
folder=$(dirname "$0")/secrets
mkdir -p "$folder"
for name in clickhouse_password mysql_root_password mysql_password; do
  [ -s "$folder/$name" ] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$folder/$name"
  # Secrets are mounted with the rights they have here, and the containers run as users of their own.
  chmod 644 "$folder/$name"
done
chmod 711 "$folder"
