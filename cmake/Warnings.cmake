# abstractllm_flags: what every target of ours is compiled with. Never reaches the engine or a consumer.
add_library(abstractllm_flags INTERFACE)
target_compile_features(abstractllm_flags INTERFACE cxx_std_20)
if(CMAKE_CXX_COMPILER_ID MATCHES "GNU|Clang")
  target_compile_options(abstractllm_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast)
  if(ABSTRACTLLM_WERROR)
    target_compile_options(abstractllm_flags INTERFACE -Werror)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(abstractllm_flags INTERFACE -Wno-restrict)  # false alarms: gcc.gnu.org/PR105651
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND ABSTRACTLLM_SANITIZE)
    # GCC 12 warns inside std::variant and std::optional once sanitizers keep it from seeing through them.
    target_compile_options(abstractllm_flags INTERFACE -Wno-maybe-uninitialized)
  endif()
endif()
