# `find_package(abstractllm)` gives abstractllm::abstractllm: one shared library, its headers, the tool.
include(CMakePackageConfigHelpers)

install(TARGETS abstractllm EXPORT abstractllm-targets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR}
  FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILE_SET tables DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
if(ABSTRACTLLM_SHARED)
  install(EXPORT abstractllm-targets NAMESPACE abstractllm:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/abstractllm)
  configure_package_config_file(cmake/abstractllm-config.cmake.in "${PROJECT_BINARY_DIR}/abstractllm-config.cmake"
    INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/abstractllm)
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/abstractllm-config-version.cmake" COMPATIBILITY SameMinorVersion)
  install(FILES "${PROJECT_BINARY_DIR}/abstractllm-config.cmake" "${PROJECT_BINARY_DIR}/abstractllm-config-version.cmake"
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/abstractllm)
endif()
if(ABSTRACTLLM_CLI)
  install(TARGETS abstractllm_cli RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(FILES LICENSE THIRD_PARTY_NOTICES.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
