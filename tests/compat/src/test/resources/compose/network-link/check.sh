up
is 02:42:0a:e7:12:07 inside app 'cat /sys/class/net/eth0/address'
has 'inet 169.254.18.7/16' inside app 'ip -o addr show eth0'
has 'inet 10.231.18.' inside app 'ip -o addr show eth0'
eventually served inside neighbour 'wget -qO- -T 2 http://169.254.18.7/'
is served busybox wget -qO- -T 5 http://127.0.0.1:18321/
is '[169.254.18.7]' inspect app '(index .NetworkSettings.Networks "compose-network-link_net").IPAMConfig.LinkLocalIPs'
