# The local engine: llama.cpp, pinned. Taken from, in this order:
#   1. targets of a parent project (`server-context` exists already);
#   2. FETCHCONTENT_SOURCE_DIR_LLAMA_CPP, a source tree on this machine;
#   3. its home on the network, at the tag.
# An installed llama.cpp is no use here: it has neither the chat nor the server headers.
include(FetchContent)
include(LimitEngine)

set(ABSTRACTLLM_LLAMA_CPP_VERSION v0.5.0)

# Compiles those sources of a target together, SIZE at once: small files that all read the same large headers.
function(abstractllm_unite_sources target regex size)
  get_target_property(folder ${target} SOURCE_DIR)
  get_target_property(sources ${target} SOURCES)
  list(FILTER sources INCLUDE REGEX "${regex}")
  set(number 0)
  foreach(source IN LISTS sources)
    math(EXPR group "${number} / ${size}")
    math(EXPR number "${number} + 1")
    get_filename_component(source "${source}" ABSOLUTE BASE_DIR "${folder}")
    set_source_files_properties("${source}" TARGET_DIRECTORY ${target} PROPERTIES UNITY_GROUP group${group})
  endforeach()
  set_target_properties(${target} PROPERTIES UNITY_BUILD ON UNITY_BUILD_MODE GROUP)
endfunction()

# Takes sources out of a target that only its own programs use.
function(abstractllm_leave_out target)
  get_target_property(sources ${target} SOURCES)
  list(REMOVE_ITEM sources ${ARGN})
  set_target_properties(${target} PROPERTIES SOURCES "${sources}")
endfunction()

function(abstractllm_add_llama_cpp)
  if(TARGET server-context)
    get_target_property(source_dir server-context SOURCE_DIR)
    get_filename_component(source_dir "${source_dir}/../.." ABSOLUTE)
    set(ABSTRACTLLM_LLAMA_CPP_SOURCE_DIR "${source_dir}" PARENT_SCOPE)
    return()
  endif()

  # Its tools hold the server logic that we embed; the rest of them is not built (EXCLUDE_FROM_ALL).
  set(on LLAMA_BUILD_COMMON LLAMA_BUILD_MTMD LLAMA_BUILD_TOOLS LLAMA_BUILD_SERVER)
  set(off BUILD_SHARED_LIBS LLAMA_BUILD_TESTS LLAMA_BUILD_EXAMPLES LLAMA_BUILD_APP LLAMA_BUILD_UI LLAMA_USE_PREBUILT_UI
      LLAMA_OPENSSL LLAMA_SUBPROCESS LLAMA_BUILD_IS_DEV LLAMA_TOOLS_INSTALL GGML_CCACHE GGML_NATIVE GGML_BUILD_TESTS GGML_BUILD_EXAMPLES)
  if(CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64|amd64")
    # Named one by one: with SOURCE_DATE_EPOCH set the engine's own default is a build ten times slower.
    list(APPEND on GGML_SSE42 GGML_AVX GGML_AVX2 GGML_FMA GGML_F16C GGML_BMI2)
  endif()
  # Plain variables beat the engine's option() under CMP0077, and stay inside this function.
  set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)
  foreach(name IN LISTS on)
    set(${name} ON)
  endforeach()
  foreach(name IN LISTS off)
    set(${name} OFF)
  endforeach()

  # The engine is always optimised and never instrumented: a debug build of it is a hundred times slower and finds
  # nothing of ours. One set of flags for all our presets also lets the compiler cache serve them all.
  set(CMAKE_BUILD_TYPE Release)
  set(CMAKE_POSITION_INDEPENDENT_CODE ON)
  set(CMAKE_EXPORT_COMPILE_COMMANDS OFF)
  unset(CMAKE_CXX_STANDARD)
  set(CMAKE_MESSAGE_LOG_LEVEL WARNING)
  set(CMAKE_C_FLAGS "${CMAKE_C_FLAGS} -w")
  set(CMAKE_CXX_FLAGS "${CMAKE_CXX_FLAGS} -w")

  FetchContent_Declare(llama_cpp
    GIT_REPOSITORY https://github.com/ggml-org/llama.cpp.git
    GIT_TAG ${ABSTRACTLLM_LLAMA_CPP_VERSION}
    GIT_SHALLOW TRUE)
  FetchContent_GetProperties(llama_cpp)
  if(NOT llama_cpp_POPULATED)
    FetchContent_Populate(llama_cpp)
    add_subdirectory(${llama_cpp_SOURCE_DIR} ${llama_cpp_BINARY_DIR} EXCLUDE_FROM_ALL SYSTEM)
    abstractllm_unite_sources(mtmd "models/.*\\.cpp$" 15)
    abstractllm_unite_sources(llama-common "parsers/.*\\.cpp$" 8)
    if(NOT ABSTRACTLLM_TESTS AND NOT ABSTRACTLLM_BENCHMARKS)  # those build llama-server, llama-bench
      abstractllm_leave_out(server-context server-mcp.cpp server-tools.cpp)
      abstractllm_leave_out(llama-common console.cpp debug.cpp imatrix-loader.cpp)
      abstractllm_leave_out(mtmd mtmd-helper-gen.cpp)
    endif()
    abstractllm_limit_templates(${llama_cpp_SOURCE_DIR})
    abstractllm_limit_grammars(${llama_cpp_SOURCE_DIR})
    abstractllm_limit_failures(${llama_cpp_SOURCE_DIR})
    abstractllm_limit_audio(${llama_cpp_SOURCE_DIR})
    abstractllm_limit_outputs(${llama_cpp_SOURCE_DIR})
  endif()
  set(ABSTRACTLLM_LLAMA_CPP_SOURCE_DIR "${llama_cpp_SOURCE_DIR}" PARENT_SCOPE)
endfunction()
