# shellcheck shell=bash
# Configuring and building one CMake preset in build/PRESET, with all output in configure.log and build.log there.

# configure PRESET OPTION...: only when that folder is not configured that way yet.
configure() {
  local preset=$1 folder=$root/build/$1 log=$root/build/$1/configure.log fresh=(--fresh)
  shift
  ! is_configured "$folder" "$@" || return 0
  check_build_tools
  mkdir -p "$folder"
  : >"$log"
  [[ ! -f $folder/build.ninja ]] || ! same_origin "$folder" || fresh=()
  (cd "$root" && watched_log "configuring" "$log" "${launcher[@]}" cmake --preset "$preset" "${fresh[@]}" "$@") && return
  explain_build_failure "$log" "CMake could not configure the build"
  return 1
}

is_configured() {
  local folder=$1 option name
  [[ -f $folder/build.ninja && -f $folder/CMakeCache.txt && ! $root/CMakePresets.json -nt $folder/build.ninja ]] || return 1
  for option in "${@:2}"; do
    name=${option#-D}
    grep -qE "^${name%%=*}:[A-Z]+=" "$folder/CMakeCache.txt" &&
      [[ $(sed -nE "s/^${name%%=*}:[A-Z]+=//p" "$folder/CMakeCache.txt") == "${name#*=}" ]] || return 1
  done
  same_origin "$folder"
}

# CMake refuses a folder that was configured elsewhere, and keeps the compiler it began with.
same_origin() {
  local cache=$1/CMakeCache.txt compiler
  grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$cache" || return 1
  [[ -n ${CXX:-} ]] || return 0
  compiler=$(sed -nE 's/^CMAKE_CXX_COMPILER:[A-Z]+=//p' "$cache")
  [[ $compiler == "$CXX" || $compiler == "$(command -v "${CXX%% *}")" ]]
}

# build PRESET [CMAKE ARGUMENT...]
build() {
  local preset=$1 log=$root/build/$1/build.log
  : >"$log"
  (cd "$root" && watched_log "building" "$log" "${launcher[@]}" cmake --build --preset "$preset" --parallel "$(build_jobs)" "${@:2}") && return
  explain_build_failure "$log" "The build failed"
  return 1
}

# A build is no reason for the machine to stutter.
launcher=(nice -n 5)

# The largest files take more than 1 GiB to compile: on a small machine one job a core would end in swap.
build_jobs() {
  local cores mib
  cores=$(nproc)
  mib=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo 2>/dev/null || true)
  mib=$((${mib:-0} / 1200))
  ((mib >= 1)) || mib=1
  echo $((mib < cores ? mib : cores))
}

check_build_tools() {
  local version
  version=$(cmake --version 2>/dev/null | sed -nE '1s/.* ([0-9]+\.[0-9]+).*/\1/p')
  [[ -n $version ]] || fail "CMake was not found; install it (3.25 or newer) and run the same command again."
  version_at_least "$version" 3.25 ||
    fail "CMake 3.25 or newer is needed, and this is $version; Debian 12 and Ubuntu 24.04 have one that is new enough."
  check_compiler
}

version_at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

check_compiler() {
  local compiler=${CXX:-} versions clang gcc
  [[ -n $compiler ]] || compiler=$(command -v c++ || echo g++)
  # CXX may carry arguments. No pipe into it: one that is gone before it has read all would fail the whole.
  # shellcheck disable=SC2086
  versions=$($compiler -E -P -x c++ - 2>/dev/null <<<'__clang_major__ __GNUC__' | tail -n 1) || versions=
  read -r clang gcc <<<"$versions" || true
  [[ ${gcc:-} =~ ^[0-9]+$ ]] ||
    fail "No C++ compiler: $compiler does not run; install g++ 12 or clang 14 or newer, or name one in CXX, and run the same command again."
  if [[ $clang =~ ^[0-9]+$ ]]; then
    ((clang >= 14)) || fail "A C++20 compiler is needed: $compiler is clang $clang, and 14 is the oldest that works; name a newer one in CXX."
  elif ((gcc < 12)); then
    fail "A C++20 compiler is needed: $compiler is GCC $gcc, and 12 is the oldest that works; name a newer one in CXX."
  fi
}

explain_build_failure() {
  local log=$1
  printf '%s\n' "--- the end of $log" >&2
  grep -v '^ninja: build stopped' "$log" | tail -n 25 >&2 || true
  if log_says_no_space "$log"; then
    warn "Not enough disk space to build; make room and run the same command again."
  elif grep -qE 'Killed signal|internal compiler error: Killed' "$log"; then
    warn "Not enough memory to build; close other programs and run the same command again."
  else
    warn "$2 (the end is above, all of it in $log); put that right and run the same command again."
  fi
}
