up
is 'sleep 1000 ' inside without "tr '\\0' ' ' </proc/1/cmdline"
has 'sleep 1000' inside with "tr '\\0' ' ' </proc/1/cmdline"
is 2 inside with 'ps -o args | grep -c "[s]leep 1000$"'
# An orphan that ends is waited for by init.
inside with 'sh -c "sleep 0.01 &"; sleep 0.3'
is 0 inside with 'ps -o stat | grep -c Z || true'
compose stop
is '143 137' echo "$(inspect with .State.ExitCode)" "$(inspect without .State.ExitCode)"
