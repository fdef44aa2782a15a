up
is 'running 0' inspect web '.State.Status}} {{.State.ExitCode'
is 'exited 0' inspect migrate '.State.Status}} {{.State.ExitCode'
before() { [[ $(inspect "$1" "$2") < $(inspect "$3" "$4") ]]; }
before migrate .State.FinishedAt web .State.StartedAt
before cache .State.StartedAt web .State.StartedAt
before database .State.StartedAt migrate .State.StartedAt
began=$(inspect web .State.StartedAt)
# web says that it wants to be restarted with its database.
compose restart -t 0 database
[[ $(inspect web .State.StartedAt) != "$began" ]]
