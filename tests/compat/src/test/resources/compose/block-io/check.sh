# A device of the machine's: which one it is does not matter, nothing is read from or written to it.
block=$(ls /sys/block | grep -vE '^(loop|ram|zram|dm|sr|fd|nbd)' | head -n 1)
export DEVICE=/dev/$block
number=$(cat "/sys/block/$block/dev")
up
if cgroup_v1; then
  is "$number 10485760" cgroup app blkio.throttle.read_bps_device -
  is "$number 1048576" cgroup app blkio.throttle.write_bps_device -
  is "$number 100" cgroup app blkio.throttle.read_iops_device -
  is "$number 50" cgroup app blkio.throttle.write_iops_device -
else
  is "$number rbps=10485760 wbps=1048576 riops=100 wiops=50" cgroup app - io.max
fi
