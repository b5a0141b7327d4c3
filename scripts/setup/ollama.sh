# shellcheck shell=bash
# A real Ollama for the tests, built from its Go module: v0.17.4 is the last that needs nothing else from the network.
# Two headers that a module archive leaves out are in llama.cpp's tree.

ollama_version=v0.17.4

# Sets ollama_path; leaves it empty where there is no Go, or where the module cannot be had. Needs llama_cpp_dir.
get_ollama() {
  ollama_path=$home/ollama-$ollama_version/ollama
  [[ -x $ollama_path ]] || with_lock "$home/lock" build_ollama || ollama_path=
}

build_ollama() {
  [[ ! -x $ollama_path ]] || return 0
  local go work=$home/ollama-$ollama_version.part
  go=$(command -v go || true)
  [[ -n $go || ! -x /usr/local/go/bin/go ]] || go=/usr/local/go/bin/go
  if [[ -z $go ]]; then
    note "no Go: the tests with a real Ollama are skipped"
    return 1
  fi
  need_space "$home" 3000 "the build of Ollama"
  mkdir -p "$work"
  : >"$work/build.log"
  if ! CGO_CFLAGS=-O2 CGO_CXXFLAGS="-O2 -I$llama_cpp_dir/vendor -I$llama_cpp_dir/vendor/miniaudio" GOBIN=$work/bin \
    GOPATH=$work/go GOCACHE=$work/cache GOFLAGS=-modcacherw GOTOOLCHAIN=local \
    watched_log "building Ollama" "$work/build.log" nice -n 5 "$go" install "github.com/ollama/ollama@$ollama_version"; then
    tail -n 5 "$work/build.log" >&2
    note "Ollama could not be built: the tests with it are skipped"
    return 1
  fi
  mkdir -p "${ollama_path%/*}"
  mv "$work/bin/ollama" "$ollama_path"
  rm -rf "$work"
}
