# Root file systems that can be made where no registry is reachable. Part of the script "berth".
# shellcheck shell=bash

# A root file system of real programs: busybox under all its names.
busybox_root() { # tar file to make
  local directory applet
  directory=$(mktemp -d "${TMPDIR:-/tmp}/berth-rootfs.XXXXXX")
  mkdir -p "$directory"/{bin,etc,tmp,root}
  chmod 755 "$directory"
  chmod 1777 "$directory/tmp"
  cp "$(command -v busybox)" "$directory/bin/busybox"
  for applet in $(busybox --list); do
    [[ $applet == busybox ]] || ln -s busybox "$directory/bin/$applet"
  done
  printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$directory/etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\n' >"$directory/etc/group"
  tar -C "$directory" --owner=0 --group=0 --numeric-owner -cf "$1" .
  rm -rf "$directory"
}

debian_root() { # tar file to make
  local suite=''
  # The host's own release where the host is a Debian: its keys and mirrors are known to work.
  if grep -qsx 'ID=debian' /etc/os-release; then
    suite=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
  fi
  say "bootstrapping Debian ${suite:=trixie} (takes a minute)"
  mmdebstrap --quiet --variant=minbase --format=tar "$suite" "$1" >&2 || die "mmdebstrap failed"
}

# A root file system of this machine's own programs: busybox, these files, and the libraries that they and those behind "--" are linked to.
programs_root() { # tar file to make, file... -- file...
  local tar=$1 directory files=()
  shift
  directory=$(mktemp -d "${TMPDIR:-/tmp}/berth-rootfs.XXXXXX")
  busybox_root "$directory/busybox.tar"
  mkdir -p "$directory/root/usr"
  tar -C "$directory/root" -xf "$directory/busybox.tar"
  ln -s ../bin "$directory/root/usr/bin"
  while [[ $# -gt 0 && $1 != -- ]]; do
    files+=("$1")
    shift
  done
  [[ ${#files[@]} == 0 ]] || printf '%s\n' "${files[@]}" | xargs -d '\n' cp -rLp --parents -t "$directory/root"
  libraries_of ${files[@]+"${files[@]}"} "${@:2}" | xargs -d '\n' cp -Lp --parents -t "$directory/root"
  tar -C "$directory/root" --owner=0 --group=0 --numeric-owner -cf "$tar" .
  rm -rf "$directory"
}

# The shared libraries that files need, but for those that are among them.
libraries_of() { # file...
  local given
  given=$(printf '%s\n' "$@" | xargs -d '\n' realpath)
  # Fails for those that are no programs.
  { printf '%s\n' "$@" | xargs -d '\n' ldd 2>/dev/null || true; } | sed -nE 's/^[[:space:]]+(.* => )?(\/[^ ]+) \(0x.*/\2/p' | sort -u \
    | while read -r file; do
      grep -qxF "$(realpath "$file")" <<<"$given" || printf '%s\n' "$file"
    done
}
