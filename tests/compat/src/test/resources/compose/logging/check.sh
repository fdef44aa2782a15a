up
eventually exited inspect files .State.Status
eventually exited inspect local .State.Status
eventually 'files-1  | error
files-1  | line 1
files-1  | line 2
files-1  | line 3' bash -c 'docker compose logs --no-color files | sed "s/.*files-1/files-1/" | sort'
is 'line 3' bash -c 'docker compose logs --no-log-prefix --tail 3 files | grep -v error | tail -n 1 | grep -o line.*'
has local compose logs --no-log-prefix local
is 'none' inspect none .HostConfig.LogConfig.Type
is 'map[labels:com.example max-file:2 max-size:10k]' inspect files .HostConfig.LogConfig.Config
