// Runs the tests with each instruction set that the processor has, the best first.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>

#include "simd/targets.h"

int main(int argc, char** argv) {
  doctest::Context context(argc, argv);
  int failed = 0;
  for (const std::string& target : luge::simd_targets()) {
    luge::set_simd_target(target);
    std::printf("With %s:\n", target.c_str());
    std::fflush(stdout);
    failed |= context.run();
    if (context.shouldExit()) break;  // only asked for help, or a list
  }
  return failed;
}
