#!/usr/bin/env bash
# Tests of scripts/test and scripts/lint: which configurations are run and what counts as a failure. Nothing is built: each
# test runs copies of the scripts in a folder of its own, with a stub of scripts/setup.sh and fakes of the tools.
# shellcheck disable=SC2016  # bodies of fakes are expanded by the fakes
set -euo pipefail
shopt -s inherit_errexit

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
sandbox=$(mktemp -d)
trap 'rm -rf "$sandbox"' EXIT

fake() {
  { echo '#!/usr/bin/env bash' && cat; } >"$world/bin/$1"
  chmod +x "$world/bin/$1"
}

fresh_world() {
  world=$sandbox/$1
  mkdir -p "$world/bin" "$world/repo/scripts" "$world/repo/build"
  cp "$repository"/scripts/{test,test_report.py,lint} "$world/repo/scripts/"
  # Without what git or ccache of the one who runs this may have set.
  export PATH="$world/bin:$PATH" HOME=$world GIT_CONFIG_GLOBAL=/dev/null
  unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
}

# ---- scripts/test

with_stubs() {
  printf '#!/usr/bin/env bash\necho "ok formatting"\n' >"$world/repo/scripts/format"
  printf '#!/usr/bin/env bash\necho "lint $*" >>"%s/ran"\n' "$world" >"$world/repo/scripts/lint"
  printf '#!/usr/bin/env bash\necho Paris\n' >"$world/repo/scripts/quickstart"
  chmod +x "$world"/repo/scripts/*
  cat >"$world/repo/scripts/setup.sh" <<EOT
root=$world/repo build_packages=(b) test_packages=(t) light_packages=(l) launcher=() CCACHE_STATSLOG=
step() { :; }; note() { :; }; warn() { echo "\$*" >&2; }; need_packages() { :; }; need_space() { :; }
apt_knows() { :; }; choose_clang() { :; }; choose_clang_tidy() { :; }
get_llama_cpp() { echo llama.cpp >>"$world/got"; llama_cpp_dir=/l; }; get_second_model() { second_model_path=; }; get_minilm() { minilm_path=; }
get_ollama() { ollama_path=; }; get_oracles() { oracles_python=; }; get_model() { model_path=/m; }
free_space() { cat "$world/free" 2>/dev/null || true; }
with_lock() { shift; "\$@"; }; watched_log() { shift 2; "\$@"; }
configure() { mkdir -p "\$root/build/\$1" && echo "\$1" >>"$world/ran"; }; build() { : >"\$root/build/\$1/object.o"; }
EOT
  fake ctest <<'EOT'
while [[ $1 != --output-junit ]]; do shift; done
echo "<t><testcase name=\"a\" time=\"1\" status=\"run\">$SKIPPED<system-out>${SKIPPED:+skipped: no GPU}</system-out></testcase><testcase name=\"b\" status=\"run\"><system-out>ok b</system-out></testcase></t>" >"$2"
EOT
}

run_test() {
  status=0
  : >"$world/ran"
  SKIPPED=${skipped:-} bash "$world/repo/scripts/test" "$@" >"$world/out" 2>&1 || status=$?
  ran=$(tr '\n' ' ' <"$world/ran")
}

complain() {
  printf '%s\n' "$1" "--- exit code ${status:-}, ran: ${ran:-}" "--- output:" "$(cat "$world/out")"
  return 1
}
ran() { [[ $status == 0 && $ran == "$1 " ]] || complain "expected success of: $1"; }

test_without_a_flag_runs_what_users_get() {
  with_stubs
  run_test
  ran release
}

test_complete_runs_all_and_lint() {
  with_stubs
  run_test --complete
  ran "lint --changed release asan-ubsan asan-ubsan-clang tsan"
}

test_complete_takes_no_skip() {
  with_stubs
  skipped='<skipped/>'
  run_test
  ran release
  run_test --complete --only release
  [[ $status == 1 ]] || complain "expected a failure"
  grep -q 'skipped, and --complete takes none' "$world/out" || complain "expected the reason"
}

test_only_is_combined_with_complete_in_any_order() {
  with_stubs
  run_test --only 'tsan.*' --complete
  ran "lint --changed tsan tsan-clang"
  run_test --only dev
  ran dev
  run_test --only nothing
  [[ $status == 2 ]] || complain "expected exit code 2"
}

test_fast_runs_light_without_the_engine() {
  with_stubs
  run_test --fast
  ran light
  [[ ! -e $world/got ]] || complain "expected that nothing is fetched"
  run_test --fast --complete
  [[ $status == 2 ]] || complain "expected exit code 2"
}

built() { (cd "$world/repo/build" && echo */object.o); }

test_builds_stay_where_there_is_room() {
  with_stubs
  echo 9000 >"$world/free"
  run_test --only 'asan.*'
  ran "asan-ubsan asan-ubsan-clang"
  [[ $(built) == "asan-ubsan-clang/object.o asan-ubsan/object.o" ]] || complain "expected both builds: $(built)"
}

test_a_passed_build_makes_room_for_the_next() {
  with_stubs
  echo 8000 >"$world/free"
  run_test --only 'asan.*|tsan'
  ran "asan-ubsan asan-ubsan-clang tsan"
  [[ $(built) == tsan/object.o ]] || complain "expected the last build alone: $(built)"
  [[ -e $world/repo/build/asan-ubsan/junit.xml ]] || complain "expected that what the tests said is kept"
  [[ $(grep -c 'removed build/asan-ubsan: only 8000 MiB are free' "$world/out") == 1 ]] || complain "expected to be told once"
}

test_a_failed_build_stays() {
  with_stubs
  echo 8000 >"$world/free"
  fake ctest <<<'exit 1'
  run_test --only 'asan.*'
  [[ $status == 1 && $(built) == "asan-ubsan-clang/object.o asan-ubsan/object.o" ]] || complain "expected both builds: $(built)"
}

test_a_finding_of_lint_fails() {
  with_stubs
  printf '#!/usr/bin/env bash\necho "x.cpp:1:1: error: bad"; exit 1\n' >"$world/repo/scripts/lint"
  run_test --complete --only release
  [[ $status == 1 ]] || complain "expected a failure"
  grep -q '^FAIL  lint' "$world/out" || complain "expected lint among what failed"
}

# ---- scripts/lint

# A repository with a source for each word, the first committed first.
with_sources() {
  local word
  fake cmake <<'EOT'
python3 - <<'PYTHON'
import glob, json, os
json.dump([{"directory": os.getcwd(), "file": f} for f in glob.glob("src/*.cpp")], open("build/lint/compile_commands.json", "w"))
PYTHON
EOT
  fake clang-tidy-14 <<'EOT'
file=${!#}
! grep -q slow "$file" || sleep 30
! grep -q crash "$file" || { echo "no stack" >&2; exit 139; }
! grep -q bad "$file" || { echo "$PWD/$file:1:1: error: bad [check]"; exit 1; }
EOT
  cd "$world/repo"
  printf 'build/\n' >.gitignore
  git init -q . && git config user.email a@b.c && git config user.name a
  mkdir src
  for word in "$@"; do
    echo "// $word" >"src/$word.cpp"
    git add . && git commit -qm "$word"
  done
}

lint() {
  status=0
  bash "$world/repo/scripts/lint" "$@" >"$world/out" 2>&1 || status=$?
}
says() { [[ $status == "$1" ]] && grep -qxF -- "$2" "$world/out" || complain "expected exit code $1 and: $2"; }

test_lint_tells_what_it_finds() {
  with_sources good bad
  lint
  says 1 "$PWD/src/bad.cpp:1:1: error: bad [check]"
  lint src/good.cpp
  says 0 "ok lint (1 of 1 files)"
}

test_lint_of_what_changed() {
  with_sources bad good
  git tag v1
  lint --changed
  says 0 "ok lint (no source has changed)"
  echo "// more" >src/good.hpp
  lint --changed
  says 0 "ok lint (1 of 1 files)"
  echo "// more" >>src/bad.cpp
  lint --changed
  says 1 "not ok lint"
}

test_lint_without_a_tag_looks_at_the_last_commits() {
  with_sources bad 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20
  lint --changed
  says 0 "ok lint (20 of 20 files)"
}

test_lint_names_what_it_did_not_get_to() {
  with_sources slow good
  lint --changed --limit 2
  says 0 "  src/slow.cpp"
  says 0 "ok lint (1 of 2 files)"
}

test_lint_fails_where_the_tool_fails() {
  with_sources crash
  lint
  says 1 "src/crash.cpp: error: clang-tidy-14 failed:"
}

failed=0
for name in $(declare -F | sed -n 's/^declare -f \(test_.*\)/\1/p'); do
  # Not behind `if`, which would switch `set -e` off inside.
  set +e
  (set -e; fresh_world "$name"; "$name") >"$sandbox/$name.log" 2>&1
  status=$?
  set -e
  if ((!status)); then
    echo "ok ${name#test_}"
  else
    echo "not ok ${name#test_}"
    sed 's/^/    /' "$sandbox/$name.log"
    failed=1
  fi
done
exit "$failed"
