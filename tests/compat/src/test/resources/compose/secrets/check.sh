export TOKEN='a token'
up
is hunter2 inside app 'cat /run/secrets/password'
is hunter2 inside app 'cat /etc/elsewhere'
is 'a token' inside app 'cat /run/secrets/api-token'
fails 'Read-only file system' docker exec -u 0 "$(name app)" sh -c 'echo x >/run/secrets/password'
is '' inspect app 'range .Config.Env}}{{if eq . "TOKEN=a token"}}leaked{{end}}{{end'
