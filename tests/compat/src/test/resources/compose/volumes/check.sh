up
inside app 'echo kept >/data/file; echo anon >/anonymous/file'
is kept inside app 'cat /readonly/file'
fails 'Read-only' inside app 'touch /readonly/x'
has nobody inside app 'cat /etc/passwd'
is '2048 5' inside app 'echo $(df -k /memory | tail -1 | tr -s " " | cut -d" " -f2) $(stat -c %u /memory)'
is yes docker volume inspect --format '{{index .Labels "com.example.keep"}}' "${COMPOSE_PROJECT_NAME}_data"
# A new container keeps both; -V renews the anonymous one.
up --force-recreate
is 'kept anon' inside app 'echo $(cat /data/file /anonymous/file)'
anonymous() { docker inspect --format '{{range .Mounts}}{{if eq .Destination "/anonymous"}}{{.Name}}{{end}}{{end}}' "$(name app)"; }
left=$(anonymous)
up --force-recreate -V
docker volume rm "$left" >/dev/null
is 'kept' inside app 'echo $(cat /data/file /anonymous/file 2>/dev/null)'
left=$(anonymous)
compose down -t 0
docker volume rm "$left" >/dev/null
up
is kept inside app 'cat /data/file'
has compose-volume-seeded docker volume ls -q
