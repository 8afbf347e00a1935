#!/bin/sh
# Makes the passwords of the demonstration once, at random.
set -eu
folder=$(dirname "$0")/secrets
mkdir -p "$folder"
for name in clickhouse_password mysql_root_password mysql_password; do
  file=$folder/$name
  [ -s "$file" ] || od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$file"
  # Secrets are mounted with the owner they have here, and sqltrail's containers run as user 1000.
  case $(id -u) in
    0) chown 1000:1000 "$file" && chmod 600 "$file" ;;
    1000) chmod 600 "$file" ;;
    *) chmod 644 "$file" ;;
  esac
done
chmod 711 "$folder"
