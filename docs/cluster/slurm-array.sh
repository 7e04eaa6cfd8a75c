#!/usr/bin/env bash
#SBATCH --job-name=stopgap
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=1
#SBATCH --mem=1G
#SBATCH --requeue
#
# A sweep on many machines: one array task a shard, and one job that joins them.
#
#   bash slurm-array.sh EXPERIMENT SHARDS OUT [options of `stopgap sweep`]
#   bash slurm-array.sh 01 64 results/01-thirty-megabytes
#   TASKS=7,12 bash slurm-array.sh 01 64 results/01-thirty-megabytes     only these shards again, then the join
#
# `stopgap` must be on PATH, and OUT on a file system that every node sees. Queue, account and time limit come from
# sbatch's own variables (SBATCH_PARTITION, SBATCH_ACCOUNT, SBATCH_TIMELIMIT) or the lines above.
set -eu
[ $# -ge 3 ] || { echo "usage: bash slurm-array.sh EXPERIMENT SHARDS OUT [options of stopgap sweep]" >&2; exit 2; }
experiment=$1 shards=$2 out=${3%/}
case $shards in '' | 0* | *[!0-9]*) echo "slurm-array.sh: SHARDS: '$shards' is not a whole number from 1" >&2; exit 2 ;; esac

part() { echo "$out.shards/$1-of-$shards"; }

# In the array: this task's shard. What an earlier try of it has finished is kept.
if [ -n "${SLURM_ARRAY_TASK_ID:-}" ]; then
  exec stopgap sweep "$experiment" "${@:4}" --jobs "${SLURM_CPUS_PER_TASK:-1}" \
    --shard "$SLURM_ARRAY_TASK_ID/$shards" --out "$(part "$SLURM_ARRAY_TASK_ID")"
fi

# By hand: submit the array, and behind it the join. `afterany`, not `afterok`: after a failure the join says which
# shard is missing, where it would otherwise wait for ever.
mkdir -p "$out.shards"
log=$out.shards/log
array=$(sbatch --parsable --array="${TASKS:-1-$shards}" --output="$log-%a" "$0" "$@")
array=${array%%;*}
parts=()
for ((i = 1; i <= shards; i++)); do parts+=("$(part "$i")"); done
join="stopgap merge$(printf ' %q' "${parts[@]}" --out "$out")"
hint="on the cluster: TASKS=<the shards named> bash$(printf ' %q' "$0" "$@")"
merge=$(sbatch --parsable --job-name=stopgap-merge --ntasks=1 --mem=1G --dependency="afterany:$array" --output="$log-merge" \
  --wrap "$join && exit; code=\$?; echo $(printf %q "$hint"); exit \$code")
echo "job $array: $shards shards to $out.shards; job ${merge%%;*}: the join to $out; logs: $log-*"
