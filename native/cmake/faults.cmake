# The programs of the fault drills (tests/faults, `tvbrain drill`): a C host on the serving library, the shim between
# processes and the file system, and the judge that reads a data directory.

add_executable(drill-host tests/faults/host.c)
target_link_libraries(drill-host PRIVATE tvbrain-serve tvb_flags pthread ${CMAKE_DL_LIBS})
target_compile_definitions(drill-host PRIVATE _GNU_SOURCE)

add_executable(drill-state tests/faults/state.cpp)
target_include_directories(drill-state PRIVATE native/tests)
target_link_libraries(drill-state PRIVATE tvsdk tvcore)

add_library(drill-shim MODULE tests/faults/shim.c)
target_link_libraries(drill-shim PRIVATE tvb_flags ${CMAKE_DL_LIBS})

set_target_properties(drill-host drill-state drill-shim PROPERTIES PREFIX "" RUNTIME_OUTPUT_DIRECTORY drill
                                                                   LIBRARY_OUTPUT_DIRECTORY drill)
