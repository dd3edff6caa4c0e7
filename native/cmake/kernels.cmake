# One file an instruction set: the suffix of the file's name decides whether it is compiled here and with which flags.
#
# A kernel file may include only intrinsics and plain declarations: an inline function compiled in it could be the copy
# that the linker keeps for everybody, and then an older processor would meet instructions it does not have
# (tests/unit/test_exports.py checks that no kernel object defines such a symbol).

if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set(tvb_suffixes avx2 avx512vnni)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)")
  set(tvb_suffixes neon neondot)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^arm")
  set(tvb_suffixes neon)
else()
  set(tvb_suffixes "")
endif()
set(tvb_flags_avx2 -mavx2)
set(tvb_flags_avx512vnni -mavx512f -mavx512bw -mavx512vl -mavx512dq -mavx512vnni)
set(tvb_flags_neondot -march=armv8.2-a+dotprod)
set(tvb_flags_neon "")
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^arm" AND NOT CMAKE_SYSTEM_PROCESSOR MATCHES "^arm64")
  set(tvb_flags_neon -mfpu=neon)
endif()

# Drops the files of other processors from the list named `list_name` and gives the rest their flags.
function(tvb_select_kernels list_name)
  set(kept "")
  foreach(source IN LISTS ${list_name})
    get_filename_component(stem ${source} NAME_WE)
    if(stem MATCHES "_(avx2|avx512vnni|neon|neondot)$")
      set(suffix ${CMAKE_MATCH_1})
      if(NOT suffix IN_LIST tvb_suffixes)
        continue()
      endif()
      set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS "${tvb_flags_${suffix}}")
    endif()
    list(APPEND kept ${source})
  endforeach()
  set(${list_name} ${kept} PARENT_SCOPE)
endfunction()
