up
is beside inside cache 'cat /cache.txt'
is 'orders above' inside queue 'echo $NAME $(cat /here.txt)'
is 'ok' inside web 'nslookup cache >/dev/null && nslookup queue >/dev/null && echo ok'
