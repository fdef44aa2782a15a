# Images of the platform itself. Part of the script "berth".
# shellcheck shell=bash

# The same in every build, so that equal files make equal layers.
IMAGE_TIME='2026-01-01T00:00:00Z'
RUNTIME_MODULES=java.se,jdk.unsupported,jdk.zipfs,jdk.management,jdk.net,jdk.naming.dns,jdk.charsets,jdk.crypto.cryptoki,jdk.httpserver

cmd_images() {
  need_packages "images" docker-cli docker-buildx docker-compose
  build
  stage_images
  # An image's time would differ from build to build.
  (cd "$ROOT" && SOURCE_DATE_EPOCH=$(date -d "$IMAGE_TIME" +%s) docker compose build "$@")
}

# Makes the Java runtime of the images, target/runtime.
make_runtime() {
  local runtime=$ROOT/target/runtime
  [[ $(cat "$runtime.of" 2>/dev/null) != "$JAVA_HOME" ]] || return 0
  rm -rf "$runtime"
  "$JAVA_HOME/bin/jlink" --add-modules "$RUNTIME_MODULES" --strip-debug --no-header-files --no-man-pages --compress zip-6 \
    --output "$runtime" || die "jlink failed"
  # The JDK's own classes as the services' flags want them, or each start would parse them.
  "$runtime/bin/java" -XX:+UseCompactObjectHeaders -Xshare:dump >/dev/null || die "no archive of the runtime's classes"
  echo "$JAVA_HOME" >"$runtime.of"
}

# Makes the contexts of the services' Dockerfiles, <service>/target/image.
stage_images() {
  local service dist context
  make_runtime
  for service in "${SERVICES[@]}"; do
    dist=$(dist_of "$service")
    context=$ROOT/$(module_of "$service")/target/image
    rm -rf "$context"
    mkdir -p "$context"/{dependencies,libraries,classes}
    cp -al "$ROOT/target/runtime" "$context/runtime"
    cp -p "$dist"/lib/*.jar "$context/dependencies"
    mv "$context"/dependencies/berth-*.jar "$context/libraries"
    (cd "$context/classes" && "$JAVA_HOME/bin/jar" xf "$dist/service.jar")
    stage_parts "$context"
    { jvm_flags "$service" && commit_flag; } >"$context/java.options"
    # The runtime's files are shared by all four: they have their time already, or get the same.
    find "$context" -exec touch -h -d "$IMAGE_TIME" {} + -exec chmod u=rwX,go=rX {} +
  done
}

# What the services' runtime works in: busybox, and this machine's glibc, which it was made for. Pictures and sound are opened by no service.
runtime_root() { # tar file to make
  local files=()
  mapfile -t files < <(find "$ROOT/target/runtime" -type f \( -path '*/bin/java' -o -name '*.so' \) \
    | grep -vE 'awt|font|freetype|splash|sound|jpeg|lcms|mlib')
  programs_root "$1" -- "${files[@]}"
}

# What changes seldom apart from what changes often, and classes in four parts by package: a changed class sends one part again.
stage_parts() { # context
  local context=$1 file directory hash code i part
  local -A hashes=() lists=()
  while read -r file; do
    case $file in
      *__*.class) part=generated ;;
      *.class)
        directory=${file%/*}
        if [[ -z ${hashes[$directory]:-} ]]; then
          hash=7
          for ((i = 0; i < ${#directory}; i++)); do
            printf -v code %d "'${directory:i:1}"
            hash=$(((hash * 31 + code) % 65521))
          done
          hashes[$directory]=$((hash % 4))
        fi
        part=application/${hashes[$directory]}
        ;;
      *) part=resources ;;
    esac
    lists[$part]+=$file$'\n'
  done < <(cd "$context/classes" && find . -type f | LC_ALL=C sort)
  for part in resources generated application/{0,1,2,3}; do
    mkdir -p "$context/$part"
    tar -C "$context/classes" -cf - -T <(printf %s "${lists[$part]:-}") | tar -C "$context/$part" -xf -
  done
  rm -rf "$context/classes"
}
