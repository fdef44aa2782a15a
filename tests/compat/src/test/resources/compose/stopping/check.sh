up
eventually ready docker logs "$(name polite)"
eventually ready docker logs "$(name stubborn)"
compose stop
is '42 137' echo "$(inspect polite .State.ExitCode)" "$(inspect stubborn .State.ExitCode)"
