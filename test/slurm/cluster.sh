# Sourced. A Slurm of one node on loopback, all of it below one folder: cluster_start FOLDER, cluster_stop.
# As root, munged runs as the user `munge`; otherwise everything runs as whoever calls.

cluster_pids=()
cluster_user=$(id -un)
munge_user=$cluster_user
[ "$cluster_user" != root ] || munge_user=munge

free_port() {
  local port
  for _ in {1..100}; do
    port=$((20000 + RANDOM % 10000))
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
  done
  return 1
}

# Starts a daemon in the foreground of its own shell job, so that its process id is known.
daemon() {
  local log=$1
  shift
  "$@" >>"$log" 2>&1 &
  cluster_pids+=($!)
}

# until_true SECONDS COMMAND…: tries until the command succeeds.
until_true() {
  local end=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || return 1
    sleep 0.2
  done
}

munge_start() {
  local folder=$1 as=()
  mkdir -m 755 "$folder/munge"
  mkdir -m 700 "$folder/munge/private"
  head -c 128 /dev/urandom >"$folder/munge/private/key"
  chmod 600 "$folder/munge/private/key"
  if [ "$munge_user" != "$cluster_user" ]; then
    chown -R "$munge_user:" "$folder/munge"
    as=(setpriv --reuid="$munge_user" --regid="$munge_user" --clear-groups)
  fi
  daemon "$folder/munge.out" "${as[@]}" munged --foreground --key-file="$folder/munge/private/key" \
    --socket="$folder/munge/socket" --pid-file="$folder/munge/pid" --seed-file="$folder/munge/private/seed" \
    --log-file="$folder/munge/private/log"
  until_true 10 munge --no-input --socket="$folder/munge/socket"
}

cluster_config() {
  local folder=$1 host
  host=$(hostname -s)
  cat <<CONF
ClusterName=stopgap-test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
SlurmUser=$cluster_user
SlurmdUser=$cluster_user
AuthType=auth/munge
AuthInfo=socket=$folder/munge/socket
CredType=cred/munge
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerParameters=batch_sched_delay=0,sched_interval=2
ReturnToService=2
KillWait=5
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
NodeName=$host NodeAddr=127.0.0.1 CPUs=2 RealMemory=2048 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
}

cluster_start() {
  local folder=$1
  mkdir -p "$folder/state" "$folder/spool"
  cluster_config "$folder" >"$folder/slurm.conf"
  export SLURM_CONF=$folder/slurm.conf
  munge_start "$folder" || { cat "$folder/munge.out"; echo "munged did not start"; return 1; }
  daemon "$folder/slurmctld.out" slurmctld -D
  daemon "$folder/slurmd.out" slurmd -D
  until_true 30 node_is_idle && return
  tail -n 20 "$folder"/slurmctld.out "$folder"/slurmd.out
  echo "Slurm did not start"
  return 1
}

node_is_idle() { sinfo --noheader --format=%T | grep -qx idle; }

queue_is_empty() { [ -z "$(squeue --noheader)" ]; }

# Process ids of the steps that slurmd started: they outlive it, and are known by the configuration in their environment.
step_pids() {
  local pid
  for pid in $(pgrep slurmstepd); do
    tr '\0' '\n' 2>/dev/null <"/proc/$pid/environ" | grep -qxF "SLURM_CONF=$SLURM_CONF" && echo "$pid"
  done
}

# Ends the jobs, the daemons started here and what is left of them, and waits until they are gone.
cluster_stop() {
  local pid pids
  [ -n "${SLURM_CONF:-}" ] || return 0
  timeout 10 scancel --user="$cluster_user" 2>/dev/null
  until_true 8 queue_is_empty
  for ((i = ${#cluster_pids[@]} - 1; i >= 0; i--)); do
    pid=${cluster_pids[i]}
    kill "$pid" 2>/dev/null
    until_true 10 bash -c "! kill -0 $pid" || kill -9 "$pid" 2>/dev/null
    wait "$pid" 2>/dev/null
  done
  cluster_pids=()
  pids=$(step_pids)
  # shellcheck disable=SC2086
  [ -z "$pids" ] || kill -9 $pids 2>/dev/null
}
