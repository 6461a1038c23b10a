// From the words of a blob to the tables of a program. See docs/architecture.md for the layout.
#pragma once

#include <cstdint>
#include <span>

#include "program/program.h"

namespace luge {

inline constexpr uint32_t kProgramMagic = 0x4547554C;  // "LUGE"
inline constexpr uint32_t kProgramVersion = 1;
inline constexpr size_t kHeaderWords = 12;
inline constexpr size_t kChecksumWord = 10;

// Over all words but the checksum itself (FNV-1a, a word at a time).
uint32_t program_checksum(std::span<const uint32_t> words);

// Throws ProgramError when the blob is damaged or its tables do not fit it. What the tables say is
// left to validate_program.
Program decode_program(std::span<const uint32_t> words);

}  // namespace luge
