#!/usr/bin/env bash
# A Slurm cluster on this one machine, on loopback, for the tests: `cluster.sh start DIR NODES`, `cluster.sh stop DIR`.
# munged, slurmctld and one slurmd per node run from DIR: own key, sockets, logs and spool; nothing of the system's own
# Slurm is touched. `stop` ends exactly the processes whose ids `start` wrote down.
set -euo pipefail
action=$1
dir=$2
nodes=${3:-2}

free_port() { node -e 'const s=require("net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'; }

write_configuration() {
  local i ports=""
  head -c 1024 /dev/urandom > "$dir/munge.key"
  chmod 400 "$dir/munge.key"
  {
    echo "ClusterName=ohmoe"
    echo "SlurmctldHost=$(hostname -s)(127.0.0.1)"
    echo "SlurmctldPort=$(free_port)"
    echo "SlurmUser=$(id -un)"
    echo "SlurmdUser=$(id -un)"
    echo "AuthType=auth/munge"
    echo "AuthInfo=socket=$dir/munge.socket"
    echo "StateSaveLocation=$dir/state"
    echo "SlurmdSpoolDir=$dir/spool-%n"
    echo "SlurmctldPidFile=$dir/slurmctld.pid"
    echo "SlurmdPidFile=$dir/slurmd-%n.pid"
    echo "SlurmctldLogFile=$dir/slurmctld.log"
    echo "SlurmdLogFile=$dir/slurmd-%n.log"
    echo "ProctrackType=proctrack/linuxproc"
    echo "TaskPlugin=task/none"
    echo "SelectType=select/cons_tres"
    echo "SelectTypeParameters=CR_CPU"
    echo "SchedulerParameters=sched_interval=1,sched_min_interval=100000"
    echo "AccountingStorageType=accounting_storage/none"
    echo "JobCompType=jobcomp/none"
    echo "MpiDefault=none"
    echo "ReturnToService=2"
    echo "SlurmdTimeout=10"
    echo "MessageTimeout=20"
    echo "MinJobAge=600"
    echo "JobRequeue=1"
    for ((i = 1; i <= nodes; i++)); do
      echo "NodeName=node$i NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=$(free_port) CPUs=1 RealMemory=2000 State=UNKNOWN"
    done
    echo "PartitionName=test Nodes=ALL Default=YES MaxTime=10 State=UP"
  } > "$dir/slurm.conf"
}

start() {
  local i
  mkdir -p "$dir/state"
  chmod 755 "$dir"
  write_configuration
  export SLURM_CONF="$dir/slurm.conf"
  munged --force --key-file="$dir/munge.key" --socket="$dir/munge.socket" --pid-file="$dir/munged.pid" \
    --log-file="$dir/munged.log" --seed-file="$dir/munged.seed" --num-threads=2
  slurmctld -f "$SLURM_CONF" -c
  for ((i = 1; i <= nodes; i++)); do
    mkdir -p "$dir/spool-node$i"
    slurmd -f "$SLURM_CONF" -N "node$i" 
  done
  for ((i = 0; i < 100; i++)); do
    [ "$(sinfo -h -t idle -o %D 2>/dev/null)" = "$nodes" ] && return 0
    sleep 0.1
  done
  echo "the cluster did not come up; logs in $dir" >&2
  return 1
}

stop() {
  local file pid i pids=""
  for file in "$dir"/slurmd-*.pid "$dir/slurmctld.pid" "$dir/munged.pid"; do
    [ -f "$file" ] && pids="$pids $(cat "$file")"
  done
  for pid in $pids; do kill -TERM "$pid" 2>/dev/null || true; done
  for ((i = 0; i < 150; i++)); do
    for pid in $pids; do kill -0 "$pid" 2>/dev/null && sleep 0.1 && continue 2; done
    return 0
  done
}

"$action"
