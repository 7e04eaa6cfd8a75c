#!/bin/bash
# Runs docs/cluster against a real Slurm: one node on loopback, in a container that may be thrown away.
# Needs root, Debian's slurm-wlm and munge, and a built stopgap. Only CI runs it; npm test does not.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ "$(id -u)" = 0 ] || { echo "needs root, in a container"; exit 2; }
command -v slurmctld >/dev/null || apt-get install -y --no-install-recommends slurm-wlm munge >/dev/null

work=$(mktemp -d)
pids=()
stop() { for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done; rm -rf "$work"; }
trap stop EXIT

# munged refuses to run as root and wants directories of its own.
install -d -o munge -g munge -m 0755 "$work/munge" && chmod 0755 "$work"
dd if=/dev/urandom of="$work/munge/key" bs=1024 count=1 status=none
chown munge: "$work/munge/key" && chmod 0400 "$work/munge/key"
runuser -u munge -- munged --foreground --key-file="$work/munge/key" --socket="$work/munge/socket" \
  --pid-file="$work/munge/pid" --log-file="$work/munge/log" --seed-file="$work/munge/seed" &
pids+=($!)

host=$(hostname -s)
cat >"$work/slurm.conf" <<CONF
ClusterName=stopgap
SlurmctldHost=$host(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket=$work/munge/socket
SlurmUser=root
SlurmdUser=root
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
JobAcctGatherType=jobacct_gather/none
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/spool
SlurmctldPidFile=$work/ctld.pid
SlurmdPidFile=$work/d.pid
SlurmctldLogFile=$work/ctld.log
SlurmdLogFile=$work/d.log
ReturnToService=2
NodeName=$host NodeAddr=127.0.0.1 CPUs=$(nproc) State=UNKNOWN
PartitionName=all Nodes=$host Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$work/slurm.conf
mkdir -p "$work/state" "$work/spool"
for _ in $(seq 50); do [ -S "$work/munge/socket" ] && break; sleep 0.1; done
slurmctld -D & pids+=($!)
slurmd -D & pids+=($!)
for _ in $(seq 100); do sinfo -h -o %T 2>/dev/null | grep -q idle && break; sleep 0.3; done
sinfo

export STOPGAP="node $PWD/dist/cli/main.js"
experiment=experiments/01-thirty-megabytes.yaml
# The submit script, with memory that is not managed here and one processor a task.
sed -i.bak -e '/mem-per-cpu/d' -e 's/--cpus-per-task=2/--cpus-per-task=1/' docs/cluster/slurm-array.sh
trap 'mv docs/cluster/slurm-array.sh.bak docs/cluster/slurm-array.sh; stop' EXIT
merge=$(docs/cluster/slurm-submit.sh "$experiment" "$work/whole" 3)
for _ in $(seq 300); do squeue -h -j "$merge" 2>/dev/null | grep -q . || break; sleep 1; done

$STOPGAP sweep "$experiment" --no-figures --out "$work/plain"
for file in runs.csv summary.csv; do
  cmp "$work/plain/$file" "$work/whole/$file" || { cat slurm-*.out; exit 1; }
done
echo "3 shards by Slurm: the same bytes as in one piece"
