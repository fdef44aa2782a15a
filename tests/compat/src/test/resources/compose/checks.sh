# What the check of every case may use. A case is a directory with compose.yaml and check.sh, which runs there, in a copy of the directory,
# in the daemon's network namespace, and fails by a command that fails. "down -v" follows, after which nothing may be left.
set -euo pipefail
export LC_ALL=C.UTF-8

fail() {
  echo "FAILED at line ${BASH_LINENO[1]}: $*" >&2
  exit 1
}

compose() { docker compose --progress plain "$@"; }

# Makes and starts the stack; containers that have to go do so at once.
up() { compose up -d -t 0 "$@" 2>"$TMPDIR/up" || { cat "$TMPDIR/up" >&2; return 1; }; }

# The name of a service's first container, or of another: name web 2
name() { echo "$COMPOSE_PROJECT_NAME-$1-${2:-1}"; }

# Runs a shell script in a service's first container.
inside() { docker exec "$(name "$1")" sh -c "$2"; }

# What a service's first container is: inspect web .State.Status
inspect() { docker inspect --format "{{$2}}" "$(name "$1")"; }

# The value of a control group's file: that of cgroup v1, in the hierarchy of its controller, or that of v2.
cgroup() { # service, file of v1, file of v2
  inside "$1" "cat /sys/fs/cgroup/${2%%.*}/$2 2>/dev/null || cat /sys/fs/cgroup/$3"
}
cgroup_v1() { [[ -d /sys/fs/cgroup/memory ]]; }

# Fails unless a command succeeds and prints exactly this.
is() {
  local expected=$1 actual
  shift
  actual=$("$@" 2>&1) || fail "$*: exit code $?: $actual"
  [[ $actual == "$expected" ]] || fail "$*: expected «$expected» but was «$actual»"
}

# Fails unless a command succeeds and prints this somewhere.
has() {
  local expected=$1 actual
  shift
  actual=$("$@" 2>&1) || fail "$*: exit code $?: $actual"
  [[ $actual == *"$expected"* ]] || fail "$*: expected «$expected» in «$actual»"
}

# Fails unless a command fails and prints this somewhere.
fails() {
  local expected=$1 actual
  shift
  if actual=$("$@" 2>&1); then
    fail "$*: succeeded: $actual"
  fi
  [[ $actual == *"$expected"* ]] || fail "$*: expected «$expected» in «$actual»"
}

# Waits until a command succeeds and prints this, exactly.
eventually() {
  local expected=$1 actual='' deadline=$((SECONDS + 15))
  shift
  while actual=$("$@" 2>&1) && [[ $actual != "$expected" ]] || [[ $actual != "$expected" ]]; do
    [[ $SECONDS -lt $deadline ]] || fail "$*: expected «$expected» but was «$actual»"
    sleep 0.1
  done
}
