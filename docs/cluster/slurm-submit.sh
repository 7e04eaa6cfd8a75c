#!/bin/bash
# Submits the array and a merge that waits for all of it:
#   docs/cluster/slurm-submit.sh experiments/02-when-pre-flush-pays.yaml results/02-on-the-cluster 16
set -euo pipefail
experiment=${1:?experiment file} out=${2:?results directory} shards=${3:?number of shards}
here=$(cd "$(dirname "$0")" && pwd)
stopgap=${STOPGAP:-stopgap}

array=$(sbatch --parsable --array="1-$shards" "$here/slurm-array.sh" "$experiment" "$out")
# A shard that failed is named by merge, so it is run in any case.
sbatch --parsable --job-name=stopgap-merge --dependency="afterany:$array" \
  --wrap "$stopgap merge $(printf "$out.shards/%s " $(seq "$shards")) --out $out && $stopgap plot $out"
