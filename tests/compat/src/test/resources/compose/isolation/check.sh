RUNTIME=$(docker info --format '{{.DefaultRuntime}}')
export RUNTIME
up
has /compose-parent/ grep pids "/proc/$(inspect parent .State.Pid)/cgroup"
is "/compose-parent $RUNTIME" inspect parent '.HostConfig.CgroupParent}} {{.HostConfig.Runtime'
