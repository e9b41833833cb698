#!/usr/bin/env bash
# From text to a model, its metrics, its predictions and a caught typo, on the bundled iris table, in a folder of
# its own that is removed afterwards. Usage: examples/demo.sh QUERN
set -euo pipefail
quern=$(realpath "${1:?usage: examples/demo.sh QUERN}")
examples=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$examples/data/iris.csv" "$examples/sql/iris.sql" "$examples/sql/iris_typo.sql" "$folder"
cd "$folder"

heading() {
  if [[ -t 1 ]]; then printf '\n\033[1m%s\033[0m\n' "$1"; else printf '\n%s\n' "$1"; fi
}

heading "quern -f iris.sql"
cat iris.sql
heading "prints:"
"$quern" -f iris.sql 2>&1

heading "quern -f iris_typo.sql"
cat iris_typo.sql
heading "prints:"
if "$quern" -f iris_typo.sql 2>&1; then
  echo "demo.sh: the typo was not caught" >&2
  exit 1
fi

heading "Try it yourself: build/release/bin/quern in a folder with your own CSV or Parquet file."
