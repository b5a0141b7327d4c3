# shellcheck shell=bash
# What scripts/quickstart and scripts/test share. Sourced; the caller has set `program`, its own name in messages.
# Results of functions come in global variables (`llama_cpp_dir`, `model_path`), because `fail` must end the
# script and cannot do so from inside $(...).

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
home=$(realpath -m "${ABSTRACTLLM_HOME:-${XDG_CACHE_HOME:-${HOME:?is not set}/.cache}/abstractllm}")
: "${program:=setup}" "${quiet:=0}" "${no_install:=0}"

# A git hook that calls us would otherwise redirect every git command here.
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

# One compiler cache for all build folders and all clones: paths are hashed relative to the clone.
export CCACHE_DIR=${CCACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/ccache}
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-include_file_mtime,include_file_ctime,pch_defines,time_macros}

# shellcheck source=setup/report.sh
source "$root/scripts/setup/report.sh"
# shellcheck source=setup/packages.sh
source "$root/scripts/setup/packages.sh"
# shellcheck source=setup/llama_cpp.sh
source "$root/scripts/setup/llama_cpp.sh"
# shellcheck source=setup/model.sh
source "$root/scripts/setup/model.sh"
# shellcheck source=setup/second_model.sh
source "$root/scripts/setup/second_model.sh"
# shellcheck source=setup/minilm.sh
source "$root/scripts/setup/minilm.sh"
# shellcheck source=setup/ollama.sh
source "$root/scripts/setup/ollama.sh"
# shellcheck source=setup/oracles.sh
source "$root/scripts/setup/oracles.sh"
# shellcheck source=setup/build.sh
source "$root/scripts/setup/build.sh"
