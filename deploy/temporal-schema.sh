#!/bin/sh
# Makes Temporal's two databases, or brings them up to date. Safe to run at every start: the version is set up once
# only, since doing it again would take a database back to version 0.
set -eu

tool() { db=$1; shift; temporal-sql-tool --plugin postgres12 --ep "$SQL_HOST" --port "$SQL_PORT" --user "$SQL_USER" --password "$SQL_PASSWORD" --db "$db" "$@"; }

for pair in temporal:temporal temporal_visibility:visibility; do
  db=${pair%%:*}
  versioned=/etc/temporal/schema/postgresql/v12/${pair##*:}/versioned
  if tool "$db" update-schema --schema-dir "$versioned"; then continue; fi
  tool "$db" create || true
  tool "$db" setup-schema --version 0.0
  tool "$db" update-schema --schema-dir "$versioned"
done
