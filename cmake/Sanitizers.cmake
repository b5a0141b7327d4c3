# Our own code only: the engine stays as it is (see LlamaCpp.cmake).
if(ABSTRACTLLM_SANITIZE)
  target_compile_options(abstractllm_flags INTERFACE
    -fsanitize=${ABSTRACTLLM_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -g1)
  target_link_options(abstractllm_flags INTERFACE -fsanitize=${ABSTRACTLLM_SANITIZE})
endif()
