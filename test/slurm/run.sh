#!/usr/bin/env bash
# docs/cluster/slurm-array.sh on a real Slurm of one node (test/slurm/cluster.sh): three shards and their join give the
# bytes of the sweep in one piece; after a shard failed or was lost, the join names it and how to run it again, and
# nothing else is run again. Needs munge, slurm-wlm (Debian) and a built dist/. About half a minute; `.ci/run slurm` runs it.
set -u
cd "$(dirname "$0")/../.."
. test/slurm/cluster.sh

place=$(mktemp -d)
chmod 755 "$place"
trap 'cluster_stop; rm -rf "$place"' EXIT
trap 'exit 130' INT TERM
out=$place/results/small
parts=$out.shards

fail() {
  echo "slurm: $*" >&2
  tail -n 30 "$parts"/log-* "$place"/cluster/*.log >&2
  exit 1
}

# The program under the name that users type, for the jobs too: sbatch hands PATH on.
mkdir "$place/bin"
printf '#!/bin/sh\nexec "%s" "%s/dist/cli/main.js" "$@"\n' "$(command -v node)" "$PWD" >"$place/bin/stopgap"
chmod +x "$place/bin/stopgap"
export PATH=$place/bin:$PATH

array() { bash docs/cluster/slurm-array.sh 02 3 "$out" --quick || fail 'was not submitted'; }
all_done() { until_true 60 queue_is_empty || fail "jobs still there after 60 s: $(squeue)"; }
same() { cmp "$place/whole/$1" "$out/$1" || fail "$1 differs from the sweep in one piece ($2)"; }
equal() { same runs.csv "$1" && same summary.csv "$1" && echo "ok: $1"; }
# When the files of two shards last changed.
times() { stat --format='%n %y' "$parts/$1-of-3"/* "$parts/$2-of-3"/* || fail "shard $1 or $2 has no files"; }

# The log of the join must name shard $1 and no other; prints the command it gives.
named() {
  local line
  line=$(grep '^stopgap: merge: ' "$parts/log-merge") || fail 'the join did not complain'
  [[ $line == *"shard $1/3"* ]] || fail "the join does not name shard $1/3: $line"
  [ "$(grep -o 'shard [0-9]*/3' <<<"$line" | sort -u | wc -l)" = 1 ] || fail "the join names other shards: $line"
  grep -o 'stopgap sweep .*' <<<"$line"
}

cluster_start "$place/cluster" || exit 1
stopgap sweep 02 --quick --jobs 1 --no-figures --out "$place/whole" >/dev/null || fail 'the sweep in one piece'

# 1. A shard that fails: something foreign lies where it should write.
mkdir -p "$parts/2-of-3"
echo precious >"$parts/2-of-3/thesis.txt"
array
all_done
[ ! -e "$out/runs.csv" ] || fail 'joined without shard 2'
[ "$(cat "$parts/2-of-3/thesis.txt")" = precious ] || fail 'a foreign file was touched'
grep -q 'thesis.txt' "$parts/log-2" || fail 'the log of shard 2 does not say why'
[[ $(scontrol show job | tr '\n' ' ') == *stopgap-merge*JobState=FAILED*ExitCode=2:0* ]] || fail 'the join should fail with 2'
again=$(named 2) || exit 1
rm "$parts/2-of-3/thesis.txt"
before=$(times 1 3) || exit 1
eval "$again" >/dev/null || fail "the command given fails: $again"
[ "$before" = "$(times 1 3)" ] || fail 'more than the failed shard was run again'
stopgap merge "$parts"/?-of-3 --out "$out" >/dev/null || fail 'merge after the repair'
equal 'a failed shard, run again with the command that merge gave'

# 2. A shard that got lost, run again by Slurm.
rm -r "$parts/3-of-3" "$out"
stopgap merge "$parts"/?-of-3 --out "$out" 2>"$parts/log-merge" && fail 'merged without shard 3'
[ $? = 2 ] || fail 'merge without shard 3 should end with 2'
named 3 >/dev/null || exit 1
before=$(times 1 2) || exit 1
TASKS=3 array
all_done
[ "$before" = "$(times 1 2)" ] || fail 'more than the lost shard was run again'
equal 'a lost shard, run again by Slurm'

# 3. Everything again from nothing.
rm -r "$parts" "$out"
array
all_done
equal 'three shards and their join'
