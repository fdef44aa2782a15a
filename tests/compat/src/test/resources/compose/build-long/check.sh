agent=$(ssh-agent -s)
eval "$agent" >/dev/null
trap 'kill "$SSH_AGENT_PID"' EXIT
up
is 's3cret agent 100 200' inside app 'echo $(cat /key /agent /nofile)'
is "$(readlink /proc/self/ns/net)" inside app 'cat /net'
