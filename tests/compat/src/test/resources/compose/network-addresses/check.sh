up
addresses() { inside "$1" 'ip -o addr | grep "scope global" | tr -s " " | cut -d" " -f4 | sort | tr "\n" " "'; }
is '10.231.16.20/24 10.231.17.30/24 fd31:16::20/64 ' addresses app
has '10.231.16.129/24' addresses any
is '02:42:0a:e7:10:14' inside app 'i=$(ip -o addr | grep 10.231.16.20 | tr -s " " | cut -d" " -f2); cat /sys/class/net/$i/address'
is 1400 inside any 'cat /sys/class/net/eth0/mtu'
has 10.231.16.254 inside any 'ip route'
is test docker network inspect --format '{{index .Labels "com.example.purpose"}}' "${COMPOSE_PROJECT_NAME}_net"
is 'true false' docker network inspect --format '{{.Attachable}} {{.Internal}}' compose-network-other
