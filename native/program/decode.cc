#include "program/decode.h"

#include <string>

namespace luge {
namespace {

// No tensor of a program comes near this; products of a few sizes below it stay within int64.
constexpr int64_t kMaxBytes = int64_t{1} << 44;

class WordReader {
 public:
  explicit WordReader(std::span<const uint32_t> words) : words_(words) {}

  uint32_t next() {
    if (position_ == words_.size()) {
      throw ProgramError("the program ends in the middle of a table, at word " +
                         std::to_string(position_));
    }
    return words_[position_++];
  }

  // Two words, the low one first.
  int64_t next_bytes(const char* what) {
    const uint64_t low = next();
    const uint64_t value = low | uint64_t{next()} << 32;
    if (value > kMaxBytes) throw ProgramError(std::string(what) + " is too large");
    return static_cast<int64_t>(value);
  }

  // How many entries follow, each of at least one word.
  size_t next_count() {
    const size_t count = next();
    if (count > words_.size() - position_) {
      throw ProgramError("a table at word " + std::to_string(position_ - 1) +
                         " has more entries than the program has words");
    }
    return count;
  }

  bool at_end() const { return position_ == words_.size(); }

 private:
  std::span<const uint32_t> words_;
  size_t position_ = 0;
};

std::vector<int64_t> read_ids(WordReader& reader, size_t count) {
  std::vector<int64_t> ids(count);
  for (int64_t& id : ids) id = reader.next();
  return ids;
}

TensorSpec read_tensor(WordReader& reader, size_t id) {
  const auto fail = [id](const char* what) {
    throw ProgramError("tensor " + std::to_string(id) + ": " + what);
  };
  TensorSpec tensor;
  const uint32_t dtype = reader.next();
  if (dtype > static_cast<uint32_t>(DType::uint8)) fail("its dtype is none of the known ones");
  tensor.view.dtype = static_cast<DType>(dtype);
  tensor.storage = reader.next();
  tensor.offset = reader.next_bytes("a tensor's offset");
  const uint32_t rank = reader.next();
  if (rank > kMaxRank) fail("its rank is more than 8");
  tensor.view.rank = static_cast<int>(rank);
  for (uint32_t axis = 0; axis < rank; ++axis) {
    const int64_t dim = reader.next();
    if (dim == 0) fail("a dimension is 0");
    if (dim > kMaxBytes / tensor.view.size) fail("it is too large");
    tensor.view.dims[axis] = dim;
    tensor.view.size *= dim;
  }
  return tensor;
}

Instruction read_instruction(WordReader& reader) {
  Instruction instruction;
  instruction.opcode = reader.next();
  const size_t inputs = reader.next_count();
  const size_t outputs = reader.next_count();
  const size_t attrs = reader.next_count();
  instruction.inputs = read_ids(reader, inputs);
  instruction.outputs = read_ids(reader, outputs);
  instruction.attrs.resize(attrs);
  for (int32_t& attr : instruction.attrs) attr = static_cast<int32_t>(reader.next());
  return instruction;
}

}  // namespace

uint32_t program_checksum(std::span<const uint32_t> words) {
  uint32_t hash = 0x811c9dc5;
  for (size_t i = 0; i < words.size(); ++i) {
    if (i != kChecksumWord) hash = (hash ^ words[i]) * 0x01000193;
  }
  return hash;
}

Program decode_program(std::span<const uint32_t> words) {
  if (words.size() < kHeaderWords || words[0] != kProgramMagic) {
    throw ProgramError("these words are not a program");
  }
  WordReader reader(words);
  reader.next();
  if (const uint32_t version = reader.next(); version != kProgramVersion) {
    throw ProgramError("the program is of version " + std::to_string(version) +
                       ", but this build runs version " + std::to_string(kProgramVersion));
  }
  if (reader.next() != words.size()) throw ProgramError("the program is cut off or has words over");
  if (words[kChecksumWord] != program_checksum(words)) {
    throw ProgramError("the program's checksum does not match: it was damaged on the way");
  }

  Program program;
  program.arena_bytes = reader.next_bytes("the arena");
  const size_t stores = reader.next_count();
  const size_t tensors = reader.next_count();
  const size_t instructions = reader.next_count();
  const size_t feeds = reader.next_count();
  const size_t results = reader.next_count();
  reader.next();  // the checksum
  program.prologue = reader.next();
  if (program.prologue > instructions) {
    throw ProgramError("the prologue has more instructions than the program");
  }

  for (size_t i = 0; i < stores; ++i) program.store_bytes.push_back(reader.next_bytes("a store"));
  for (size_t i = 0; i < tensors; ++i) program.tensors.push_back(read_tensor(reader, i));
  for (size_t i = 0; i < instructions; ++i) {
    program.instructions.push_back(read_instruction(reader));
  }
  for (size_t i = 0; i < feeds; ++i) {
    const int64_t tensor = reader.next();
    const uint32_t indexed = reader.next();
    if (indexed > 1) throw ProgramError("feed " + std::to_string(i) + ": indexed must be 0 or 1");
    program.feeds.push_back({tensor, indexed == 1});
  }
  program.results = read_ids(reader, results);
  if (!reader.at_end()) throw ProgramError("words are left over behind the program's last table");
  return program;
}

}  // namespace luge
