up
is 'db db.example.test' inside named 'echo $(hostname) $(hostname -f)'
has $'192.0.2.1\tone.test' inside named 'cat /etc/hosts'
has $'2001:db8::6\tsix.test' inside named 'cat /etc/hosts'
is 1 inside named 'grep -cE "^[0-9.]+[[:space:]]gateway.test$" /etc/hosts'
has $'192.0.2.2\ttwo.test' inside map 'cat /etc/hosts'
is 'nameserver 192.0.2.53
nameserver 192.0.2.54
options ndots:3 use-vc
search example.test other.test' inside resolver 'grep -v "^#" /etc/resolv.conf | grep . | sort'
