#!/bin/sh
# After `caseclock erase` on PostgreSQL: writes the database anew and looks in the server's files for what remains.
#
#   printf '%s\n' C0012345 | deploy/postgres_after_erasure.sh "postgresql://admin@/caseclock" [BACKUP...]
#
# To be run on the server, by who may read its data folder and owns the tables. The ids come by standard input, so that
# no list of processes shows them. Ends with 1 where the tables' files still hold one, and with 3 where only the
# write-ahead log does: its old segments are written over as the server works (docs/security.md). Each backup named (made by
# pg_dump) is looked through too: one that holds an id is to lapse, or the child is to be erased again after a restore.
set -eu
url=$1
ids=$(cat)
ask() { psql -XAt -v ON_ERROR_STOP=1 "$url" -c "$1"; }
ask 'VACUUM (FULL, ANALYZE)' >&2
ask 'SELECT pg_switch_wal()' >/dev/null
ask 'CHECKPOINT' >/dev/null
data=$(ask 'SHOW data_directory')
base=$(ask 'SELECT oid FROM pg_database WHERE datname = current_database()')
count() { printf '%s\n' "$ids" | grep -raliF -f - "$1" | wc -l; }
tables=$(count "$data/base/$base")
log=$(count "$data/pg_wal")
echo "files of tables that hold one of the ids: $tables; segments of the write-ahead log: $log"
shift
for backup in "$@"; do
  if { pg_restore -f - "$backup" 2>/dev/null || cat "$backup"; } | grep -aiqF -e "$ids"; then
    echo "$backup: holds one of the ids"
  else
    echo "$backup: holds none of them"
  fi
done
[ "$tables" -eq 0 ] || exit 1
[ "$log" -eq 0 ] || exit 3
