# For the earlier commit that bench/compare.ts builds: of the instruction sets for x86, only the
# baseline and the one that will run, which takes half as long.
set(left_out HWY_SSSE3 HWY_SSE4 HWY_SVE HWY_SVE2 HWY_SVE_256 HWY_SVE2_128)
if(EXISTS /proc/cpuinfo)
  file(STRINGS /proc/cpuinfo avx512 LIMIT_COUNT 1 REGEX " avx512f ")
  if(avx512)
    list(APPEND left_out HWY_AVX2)
  else()
    list(APPEND left_out HWY_AVX3)
  endif()
  list(JOIN left_out "|" left_out)
  add_compile_definitions("HWY_DISABLED_TARGETS=(${left_out})")
endif()
