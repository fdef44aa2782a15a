up
is '80 333' inside list 'echo $(cat /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/net/core/somaxconn)'
is '1234567 0' inside map 'echo $(cat /proc/sys/kernel/shmmax /proc/sys/net/ipv4/tcp_syncookies)'
is '2000 3000 100 100 0 0' inside list 'awk "/open files/ {f=\$4\" \"\$5} /Max processes/ {p=\$3\" \"\$4} /core file/ {c=\$5\" \"\$6} END {print f, p, c}" /proc/1/limits'
