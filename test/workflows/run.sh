#!/usr/bin/env bash
# docs/cluster with the programs that Debian has (make, parallel, snakemake): each runs the shards and gives the very archive
# of the sweep in one piece; a second time nothing is run. Needs a built dist/; what is not installed is left out, unless
# REQUIRE names it. Less than half a minute; `.ci/run workflows` runs it.
set -eu -o pipefail
cd "$(dirname "$0")/../.."
root=$PWD
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT TERM

fail() {
  echo "workflows: $*" >&2
  exit 1
}
there() {
  command -v "$1" >/dev/null && return 0
  [[ " ${REQUIRE:-} " != *" $1 "* ]] || fail "$1 is not installed"
  echo "left out: $1 is not installed"
  return 1
}
same() {
  cmp "$place/whole/sweep.tar" "$place/$1/sweep.tar" || fail "$1: not the archive of the sweep in one piece"
  echo "ok: $1"
}

# The program under the name that users type; it notes each call.
mkdir "$place/bin"
printf '#!/bin/sh\necho "$1" >>"%s/calls"\nexec "%s" "%s/dist/cli/main.js" "$@"\n' "$place" "$(command -v node)" "$root" >"$place/bin/stopgap"
chmod +x "$place/bin/stopgap"
export PATH=$place/bin:$PATH
calls() { wc -l <"$place/calls"; }

cd "$place"
mkdir whole make parallel snakemake
(cd whole && stopgap sweep 02 --quick --jobs 1 --no-figures --out sweep --archive sweep.tar >/dev/null)

if there make; then
  by_make() { (cd make && make --silent -j 2 -f "$root/docs/cluster/sweep.mk" EXPERIMENT=02 SHARDS=3 OPTIONS=--quick OUT=sweep); }
  by_make >/dev/null
  same make
  before=$(calls)
  by_make
  [ "$before" = "$(calls)" ] || fail 'make: ran again what was there'
  rm make/sweep.shards/2-of-3.done
  by_make >/dev/null
  [ "$(calls)" = $((before + 2)) ] || fail 'make: ran more than the shard that was missing, and the merge'
  same make
fi

if there parallel; then
  list=$(stopgap sweep 02 --quick --jobs 1 --list-commands 3 --out parallel/sweep --archive parallel/sweep.tar)
  grep -v '^#' <<<"$list" | parallel --will-cite --jobs 2 >/dev/null
  eval "$(sed -n 's/^# then: //p' <<<"$list")" >/dev/null
  same parallel
fi

if there snakemake; then
  by_snakemake() {
    (cd snakemake && snakemake --quiet --cores 2 --snakefile "$root/docs/cluster/Snakefile" \
      --config experiment=02 shards=3 options=--quick out=sweep) >snakemake.log 2>&1 || fail "$(cat snakemake.log)"
  }
  by_snakemake
  same snakemake
  before=$(calls)
  by_snakemake
  [ "$before" = "$(calls)" ] || fail 'snakemake: ran again what was there'
fi
