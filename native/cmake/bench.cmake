# The programs behind `tvbrain bench`: one C file each on the public header, with the library inside, so that they run
# wherever they lie. bench/bench.h says how to build one alone.
file(GLOB bench_programs CONFIGURE_DEPENDS bench/*.c)
foreach(source IN LISTS bench_programs)
  get_filename_component(name ${source} NAME_WE)
  set(target bench_${name})
  add_executable(${target} ${source} $<TARGET_OBJECTS:tvsdk> $<TARGET_OBJECTS:tvcore>)
  target_include_directories(${target} PRIVATE sdk_headers)
  target_link_libraries(${target} PRIVATE tvb_flags)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${name} LINKER_LANGUAGE CXX
                                             RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bench)
  if(NOT TVBRAIN_SANITIZE)
    target_link_options(${target} PRIVATE ${hidden_runtime})
  endif()
  if(TVBRAIN_INPLACE)
    set_target_properties(${target} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_SOURCE_DIR}/tvbrain/_native/bench)
  endif()
  install(TARGETS ${target} RUNTIME DESTINATION tvbrain/_native/bench COMPONENT python)
endforeach()
