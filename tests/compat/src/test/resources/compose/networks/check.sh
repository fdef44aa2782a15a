up
from() { inside "$1" "wget -qO- -T 5 http://$2/ 2>&1"; }
eventually 'I am web' from proxy www
is 'I am web' from proxy site.test
is 'I am web' from proxy web
eventually 'I am database' from proxy db
is 'I am database' from proxy database
fails 'bad address' from web database
is 0 inside database 'ip route | grep -c default || true'
is 2 inside proxy 'ip -o -4 addr | grep -c "scope global"'
