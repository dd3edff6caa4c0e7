# libtvbrain.so.1: the serving plane, and the learning plane in the same process. Beside the library lies the folder
# `tvbrain`: learner.so (its way into Python), libpython, the standard library, and the packages that learning needs.

if(SKBUILD) # a wheel carries the extension alone
  return()
endif()
set(bundle ${Python_EXECUTABLE} ${CMAKE_SOURCE_DIR}/native/python/embed/bundle.py)
execute_process(COMMAND ${bundle} --libpython OUTPUT_VARIABLE libpython ERROR_VARIABLE no_libpython RESULT_VARIABLE failed
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_STRIP_TRAILING_WHITESPACE)
if(failed)
  message(STATUS "libtvbrain (with the brain inside) is not built: ${no_libpython}")
  return()
endif()
get_filename_component(libpython_name ${libpython} NAME)
set(python_version ${Python_VERSION_MAJOR}.${Python_VERSION_MINOR})

set(learner_c ${CMAKE_BINARY_DIR}/binding/learner.c)
add_custom_command(
  OUTPUT ${learner_c}
  COMMAND ${Python_EXECUTABLE} ${CMAKE_SOURCE_DIR}/native/python/embed/build_learner.py --out ${learner_c}
  DEPENDS native/python/embed/build_learner.py native/python/embed/learner.h
  COMMENT "Generating the way into Python"
  VERBATIM)
set_source_files_properties(${learner_c} PROPERTIES COMPILE_OPTIONS -w)

# Not linked to libpython: the library finds one first, the host's or its own, and makes it global.
set(home ${CMAKE_BINARY_DIR}/brain/tvbrain)
add_library(tvbrain-learner MODULE ${learner_c} native/python/embed/boot.cpp)
target_include_directories(tvbrain-learner PRIVATE native/python/embed ${Python_INCLUDE_DIRS})
target_compile_definitions(tvbrain-learner PRIVATE TVB_PYTHON_VERSION="${python_version}" _GNU_SOURCE)
target_link_libraries(tvbrain-learner PRIVATE tvb_flags)
target_link_options(tvbrain-learner PRIVATE -static-libstdc++ -static-libgcc LINKER:--exclude-libs,ALL)
set_target_properties(tvbrain-learner PROPERTIES OUTPUT_NAME learner PREFIX "" LINKER_LANGUAGE CXX
                                                 LIBRARY_OUTPUT_DIRECTORY ${home})

file(GLOB full_sources CONFIGURE_DEPENDS native/sdk/form/*.cpp)
list(FILTER full_sources EXCLUDE REGEX "/serve\\.cpp$")
add_library(tvbrain-full SHARED $<FILTER:$<TARGET_OBJECTS:tvsdk>,EXCLUDE,/form/serve\\.cpp> $<TARGET_OBJECTS:tvcore>
                                ${full_sources})
add_library(tvbrain::tvbrain ALIAS tvbrain-full)
target_include_directories(tvbrain-full PRIVATE native/include native/sdk
                           INTERFACE $<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/sdk_headers>
                                     $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_include_directories(tvbrain-full PRIVATE sdk_headers)
target_compile_definitions(tvbrain-full PRIVATE TVB_PYTHON_VERSION="${python_version}"
                                                TVB_PYTHON_LIBRARY="${libpython_name}" _GNU_SOURCE)
target_link_libraries(tvbrain-full PRIVATE $<BUILD_INTERFACE:tvb_flags> ${CMAKE_DL_LIBS})
# nodelete: Python stays in the process once it is there, and so must what it calls.
target_link_options(tvbrain-full PRIVATE ${hidden_runtime} LINKER:--no-undefined LINKER:-z,nodelete
                    LINKER:--version-script=${version_script})
set_target_properties(tvbrain-full PROPERTIES OUTPUT_NAME tvbrain VERSION 1.0.0 SOVERSION 1 LINKER_LANGUAGE CXX
                                              EXPORT_NAME tvbrain LINK_DEPENDS ${version_script}
                                              LIBRARY_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/brain)

# In the build tree the folder holds links to this Python and this source tree.
add_custom_command(
  OUTPUT ${home}/links
  COMMAND ${bundle} --out ${home} --link
  DEPENDS native/python/embed/bundle.py pyproject.toml
  COMMENT "Linking what the brain needs"
  VERBATIM)
add_custom_target(tvbrain-home ALL DEPENDS ${home}/links)
add_dependencies(tvbrain-home tvbrain-learner tvbrain_core)

set(full_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/tvbrain)
configure_file(native/sdk/tvbrain.pc.in tvbrain.pc @ONLY)
write_basic_package_version_file(tvbrain-config-version.cmake COMPATIBILITY SameMajorVersion)
install(TARGETS tvbrain-full EXPORT tvbrain COMPONENT brain LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        COMPONENT brain NAMELINK_COMPONENT brain)
install(TARGETS tvbrain-learner LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}/tvbrain COMPONENT brain)
install(FILES sdk_headers/tvbrain.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT brain)
install(FILES ${CMAKE_BINARY_DIR}/tvbrain.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT brain)
install(EXPORT tvbrain NAMESPACE tvbrain:: FILE tvbrain-config.cmake DESTINATION ${full_package_dir} COMPONENT brain)
install(FILES ${CMAKE_BINARY_DIR}/tvbrain-config-version.cmake DESTINATION ${full_package_dir} COMPONENT brain)
string(JOIN "\" \"" quoted_bundle ${bundle})
install(
  CODE "execute_process(COMMAND \"${quoted_bundle}\" --core \"$<TARGET_FILE:tvbrain_core>\"
        --out \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_LIBDIR}/tvbrain\" COMMAND_ERROR_IS_FATAL ANY)"
  COMPONENT brain)

if(TVBRAIN_TESTS)
  foreach(name host script blocks)
    add_executable(embedding-${name} tests/embedding/${name}.c)
    target_include_directories(embedding-${name} PRIVATE sdk_headers)
    target_compile_definitions(embedding-${name} PRIVATE _GNU_SOURCE)
    target_compile_options(embedding-${name} PRIVATE -Wall -Wextra $<$<BOOL:${TVBRAIN_WERROR}>:-Werror>)
    target_link_libraries(embedding-${name} PRIVATE pthread ${CMAKE_DL_LIBS})
    set_target_properties(embedding-${name} PROPERTIES OUTPUT_NAME ${name}
                                                       RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/brain)
  endforeach()
endif()
