// Subnormal floats cost up to a hundred cycles each and mean nothing to training.
#pragma once

namespace luge {

// From now on the calling thread computes with 0 where a float would be subnormal.
void flush_denormals();

}  // namespace luge
