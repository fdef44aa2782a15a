up
is 67108864 cgroup app memory.limit_in_bytes memory.max
is 33554432 cgroup app memory.soft_limit_in_bytes memory.low
if cgroup_v1; then
  is 100663296 cgroup app memory.memsw.limit_in_bytes -
  is 10 cgroup app memory.swappiness -
  has 'oom_kill_disable 0' cgroup app memory.oom_control -
else
  is 33554432 cgroup app - memory.swap.max
fi
is 300 inside app 'cat /proc/1/oom_score_adj'
is 8192 inside app 'df -k /dev/shm | tail -1 | tr -s " " | cut -d" " -f2'
is 134217728 cgroup free memory.limit_in_bytes memory.max
