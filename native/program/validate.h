// The second door: nothing that passes here can read or write outside the program's storages.
#pragma once

#include "program/program.h"

namespace luge {

// Throws ProgramError naming the tensor, instruction, feed or result, and what is wrong with it.
void validate_program(const Program& program);

}  // namespace luge
