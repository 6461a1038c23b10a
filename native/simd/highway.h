// Highway with the targets that are built: baseline, SSE4, AVX2, AVX-512 and NEON. SSSE3 alone is
// too rare to pay for, SVE is not tested. Included once per target by way of foreach_target.h (no
// #pragma once).

#ifndef HWY_DISABLED_TARGETS
#define LUGE_UNTESTED_TARGETS (HWY_SSSE3 | HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128)
// Sanitized code takes minutes to compile: not for SSE4, which runs the baseline's code on vectors
// as wide, nor for AVX-512 where the processor lacks it.
#if defined(__SANITIZE_ADDRESS__) && defined(LUGE_WITHOUT_AVX512)
#define HWY_DISABLED_TARGETS (LUGE_UNTESTED_TARGETS | HWY_SSE4 | HWY_AVX3)
#elif defined(__SANITIZE_ADDRESS__)
#define HWY_DISABLED_TARGETS (LUGE_UNTESTED_TARGETS | HWY_SSE4)
#else
#define HWY_DISABLED_TARGETS LUGE_UNTESTED_TARGETS
#endif
#endif

#include "hwy/foreach_target.h"
#include "hwy/highway.h"
