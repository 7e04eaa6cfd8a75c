#!/bin/bash
# A sweep as a Slurm array job: each task runs one shard, and the last step merges them.
#   sbatch --array=1-16 docs/cluster/slurm-array.sh experiments/02-when-pre-flush-pays.yaml results/02-on-the-cluster
# A task that was killed (time limit, pre-emption) goes on where it stopped when it is requeued.
#SBATCH --job-name=stopgap
#SBATCH --cpus-per-task=2
#SBATCH --mem-per-cpu=1G
#SBATCH --time=01:00:00
#SBATCH --requeue
set -euo pipefail
experiment=${1:?experiment file}
out=${2:?results directory}
stopgap=${STOPGAP:-stopgap}

$stopgap sweep "$experiment" --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
  --jobs "${SLURM_CPUS_PER_TASK:-1}" --out "$out.shards/$SLURM_ARRAY_TASK_ID"
