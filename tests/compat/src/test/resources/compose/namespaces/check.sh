up
of() { inside "$1" "readlink /proc/self/ns/$2"; }
for kind in ipc pid net; do
  is "$(of owner $kind)" of guest $kind
done
is "$(of owner net)" of by-name net
is 1 inside guest 'ps -o args | grep -c "^sleep 1000"'
[[ $(of owner mnt) != $(of guest mnt) ]]
for kind in pid ipc uts net cgroup user; do
  is "$(readlink /proc/self/ns/$kind)" of host $kind
done
is lo inside alone 'ls /sys/class/net'
[[ $(of alone ipc) != $(of owner ipc) ]]
