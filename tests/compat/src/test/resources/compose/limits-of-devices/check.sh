up realtime
# Kernels with control groups of version 2 have no such limit for them.
! cgroup_v1 || is '20000 1000000' inside realtime 'echo $(cat /sys/fs/cgroup/cpu/cpu.rt_runtime_us /sys/fs/cgroup/cpu/cpu.rt_period_us)'
# A disk for itself, with the scheduler that knows weights.
truncate -s 1m disk
DISK=$(losetup --find --show disk)
export DISK
trap 'losetup -d "$DISK"' EXIT
echo bfq >"/sys/block/${DISK#/dev/}/queue/scheduler"
up weight
# What the control groups of old kernels had under another name is not known to Docker.
[[ $(docker info --format '{{.ServerVersion}}') != *berth* ]] || has "$(cat "/sys/block/${DISK#/dev/}/dev") 200" cgroup weight blkio.bfq.weight_device io.bfq.weight
# Sizes are for file systems with project quotas.
if up size 2>refused; then
  has 65536 inside size 'df -k /'
else
  has 'pquota' cat refused
fi
fails 'could not select device driver "nothing" with capabilities: [[gpu compute]]' compose up -d accelerated
