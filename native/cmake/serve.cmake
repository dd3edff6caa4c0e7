# libtvbrain-serve.so.1: the serving plane for firmware, with its header, pkg-config file and CMake package.

add_library(tvbrain-serve SHARED $<TARGET_OBJECTS:tvsdk> $<TARGET_OBJECTS:tvcore>)
add_library(tvbrain::serve ALIAS tvbrain-serve)
set(version_script ${CMAKE_SOURCE_DIR}/native/sdk/tvbrain.map)
set_target_properties(tvbrain-serve PROPERTIES VERSION 1.0.0 SOVERSION 1 LINKER_LANGUAGE CXX EXPORT_NAME serve
                                               LINK_DEPENDS ${version_script})
target_link_libraries(tvbrain-serve PRIVATE $<BUILD_INTERFACE:tvb_flags>)
if(NOT TVBRAIN_SANITIZE) # the sanitizers' run time is a shared one with symbols of its own
  # nodelete: a host that unloads its plugin with a brain still open must not pull the code from under the thread.
  target_link_options(tvbrain-serve PRIVATE ${hidden_runtime} LINKER:--no-undefined LINKER:-z,nodelete
                      LINKER:--version-script=${version_script})
endif()
target_include_directories(tvbrain-serve INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/sdk_headers>
                                                   $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)

# Both descriptions find the prefix from where they lie, so that an SDK tree can be moved.
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tvbrain-serve)
file(RELATIVE_PATH prefix_from_pc /p/${CMAKE_INSTALL_LIBDIR}/pkgconfig /p)
string(REGEX REPLACE "/$" "" prefix_from_pc "${prefix_from_pc}")
configure_file(native/sdk/tvbrain-serve.pc.in tvbrain-serve.pc @ONLY)
include(CMakePackageConfigHelpers)
write_basic_package_version_file(tvbrain-serve-config-version.cmake COMPATIBILITY SameMajorVersion)

install(TARGETS tvbrain-serve EXPORT tvbrain-serve COMPONENT serve LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        COMPONENT serve NAMELINK_COMPONENT serve)
install(FILES sdk_headers/tvbrain.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT serve)
install(FILES ${CMAKE_BINARY_DIR}/tvbrain-serve.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT serve)
install(EXPORT tvbrain-serve NAMESPACE tvbrain:: FILE tvbrain-serve-config.cmake DESTINATION ${package_dir}
        COMPONENT serve)
install(FILES ${CMAKE_BINARY_DIR}/tvbrain-serve-config-version.cmake DESTINATION ${package_dir} COMPONENT serve)
