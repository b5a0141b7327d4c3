# ABSTRACTLLM_LOOP, which the preset light sets: what makes the way from a change to its tests short.
#   Clang, where it is installed and nobody names another compiler: of a precompiled header it keeps the templates too.
#   Precompiled headers, and files compiled one by one.
#   The tests link a shared library, and are not linked again when only that changes.

# Before project(): afterwards the compiler is chosen.
macro(abstractllm_choose_compiler)
  if(ABSTRACTLLM_LOOP AND NOT CMAKE_CXX_COMPILER AND NOT CMAKE_TOOLCHAIN_FILE AND NOT DEFINED ENV{CXX} AND NOT DEFINED ENV{CC})
    find_program(ABSTRACTLLM_CLANGXX NAMES clang++-14 clang++)
    find_program(ABSTRACTLLM_CLANG NAMES clang-14 clang)
    mark_as_advanced(ABSTRACTLLM_CLANGXX ABSTRACTLLM_CLANG)
    if(ABSTRACTLLM_CLANGXX AND ABSTRACTLLM_CLANG)
      set(CMAKE_CXX_COMPILER "${ABSTRACTLLM_CLANGXX}")
      set(CMAKE_C_COMPILER "${ABSTRACTLLM_CLANG}")
    endif()
  endif()
endmacro()

# abstractllm_precompile(TARGET HEADER...): what most of our files read, and HEADER... with it.
function(abstractllm_precompile target)
  if(NOT ABSTRACTLLM_LOOP)
    return()
  endif()
  target_precompile_headers(${target} PRIVATE
    <algorithm> <array> <atomic> <chrono> <condition_variable> <cstdint> <deque> <filesystem> <fstream> <functional> <future>
    <map> <memory> <mutex> <optional> <set> <span> <sstream> <string> <string_view> <thread> <utility> <variant> <vector>
    <nlohmann/json.hpp> <simdjson.h> "${PROJECT_SOURCE_DIR}/include/abstractllm/abstractllm.hpp" ${ARGN})
  if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
    # The same headers give the same bytes, which a compiler cache needs.
    target_compile_options(${target} PRIVATE "SHELL:-Xclang -fno-pch-timestamp")
  endif()
endfunction()

# abstractllm_precompile_as(TARGET OTHER): shares what OTHER has precompiled.
function(abstractllm_precompile_as target other)
  if(ABSTRACTLLM_LOOP)
    target_precompile_headers(${target} REUSE_FROM ${other})
  endif()
endfunction()
