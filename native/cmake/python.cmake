# tvbrain._native.core: the same native code for Python, through cffi's API mode, for every CPython from 3.11 on (abi3).

find_package(Python 3.11 REQUIRED COMPONENTS Interpreter Development.Module)
execute_process(COMMAND ${Python_EXECUTABLE} -c "import cffi" RESULT_VARIABLE no_cffi OUTPUT_QUIET ERROR_QUIET)
if(no_cffi)
  message(FATAL_ERROR "${Python_EXECUTABLE} has no cffi: pass -DPython_EXECUTABLE=<venv>/bin/python, or "
                      "-DTVBRAIN_PYTHON=OFF for the C library alone")
endif()

set(binding_c ${CMAKE_BINARY_DIR}/binding/core.c)
add_custom_command(
  OUTPUT ${binding_c}
  COMMAND ${Python_EXECUTABLE} ${CMAKE_SOURCE_DIR}/native/python/build_native.py --compiler ${CMAKE_C_COMPILER} --out
          ${binding_c}
  DEPENDS native/python/build_native.py native/python/tvn.h sdk_headers/tvbrain.h
  COMMENT "Generating the cffi binding"
  VERBATIM)

file(GLOB binding_sources CONFIGURE_DEPENDS native/python/*.cpp)
add_library(tvbrain_core MODULE ${binding_c} ${binding_sources} $<TARGET_OBJECTS:tvsdk> $<TARGET_OBJECTS:tvcore>)
target_include_directories(tvbrain_core PRIVATE native/include native/sdk native/python sdk_headers
                                                ${Python_INCLUDE_DIRS})
target_link_libraries(tvbrain_core PRIVATE tvb_flags)
set_target_properties(tvbrain_core PROPERTIES OUTPUT_NAME core PREFIX "" SUFFIX ".abi3.so" LINKER_LANGUAGE CXX)
# Generated code, compiled without our warnings: cffi's output is not ours to clean.
set_source_files_properties(${binding_c} PROPERTIES COMPILE_OPTIONS -w)
if(NOT TVBRAIN_SANITIZE)
  target_link_options(tvbrain_core PRIVATE ${hidden_runtime}
                      LINKER:--version-script=${CMAKE_SOURCE_DIR}/native/python/core.map)
endif()
if(TVBRAIN_INPLACE)
  set_target_properties(tvbrain_core PROPERTIES LIBRARY_OUTPUT_DIRECTORY ${CMAKE_SOURCE_DIR}/tvbrain/_native)
endif()
install(TARGETS tvbrain_core LIBRARY DESTINATION tvbrain/_native COMPONENT python)
