up
is 'override 1 2' inside web 'echo $FROM $KEPT $ADDED'
is 'anchor 1' inside worker 'echo $FROM $KEPT'
is 'tmpfs tmpfs' inside web 'echo $(stat -f -c %T /one /two)'
is 'search c.test' inside web 'grep ^search /etc/resolv.conf'
is '{}' docker inspect --format '{{if .HostConfig.Sysctls}}{{json .HostConfig.Sysctls}}{{else}}{}{{end}}' "$(name web)"
is 'sleep 2000 ' inside worker "tr '\\0' ' ' </proc/1/cmdline"
is 2 bash -c 'docker compose -f compose.yaml config --services | wc -l'
