// Runs the tests with each instruction set that the processor has, the best first.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <string>
#include <vector>

#include "simd/targets.h"

int main(int argc, char** argv) {
  doctest::Context context(argc, argv);
  std::vector<std::string> targets = luge::simd_targets();
#ifdef __SANITIZE_ADDRESS__
  // The baseline has no code of its own, and takes minutes with the sanitizers.
  if (targets.size() > 1) targets.pop_back();
#endif
  int failed = 0;
  for (const std::string& target : targets) {
    luge::set_simd_target(target);
    std::printf("With %s:\n", target.c_str());
    std::fflush(stdout);
    failed |= context.run();
    if (context.shouldExit()) break;  // only asked for help, or a list
  }
  return failed;
}
