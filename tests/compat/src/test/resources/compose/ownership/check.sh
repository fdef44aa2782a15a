export TOKEN='a token'
up
is 'a token' inside app 'cat /run/secrets/token'
is '7 8 440' inside app 'stat -c "%u %g %a" /run/secrets/token'
is 'listen 80' inside app 'cat /etc/site.conf'
is '9 10 400' inside app 'stat -c "%u %g %a" /etc/site.conf'
fails 'Permission denied' docker exec -u 7 "$(name app)" cat /etc/site.conf
is 'a token' docker exec -u 7 "$(name app)" cat /run/secrets/token
