up
if cgroup_v1; then
  is 50000 cgroup cpus cpu.cfs_quota_us -
  is 512 cgroup cpus cpu.shares -
  is '50000 12500' echo "$(cgroup quota cpu.cfs_period_us -)" "$(cgroup quota cpu.cfs_quota_us -)"
else
  is '50000 100000' cgroup cpus - cpu.max
  is '12500 50000' cgroup quota - cpu.max
fi
is 0 inside cpus 'sed -n "s/^Cpus_allowed_list:[[:space:]]*//p" /proc/1/status'
is 20 cgroup cpus pids.max pids.max
fails "can't fork" inside cpus 'for i in $(seq 30); do sleep 5 & done'
