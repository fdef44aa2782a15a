up
is 3 bash -c 'docker compose ps -q web | wc -l'
is '' compose ps -aq none
is '50331648' cgroup web memory.limit_in_bytes memory.max
is '25165824' cgroup web memory.soft_limit_in_bytes memory.low
is 30 cgroup web pids.max pids.max
if cgroup_v1; then is 25000 cgroup web cpu.cfs_quota_us -; else is '25000 100000' cgroup web - cpu.max; fi
is 'on-failure 4' inspect web '.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount'
is always inspect forever .HostConfig.RestartPolicy.Name
