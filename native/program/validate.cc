#include "program/validate.h"

#include <string>

#include "ops/op_table.h"

namespace luge {
namespace {

// More operands than any program has; keeps the pairwise checks below short.
constexpr size_t kMaxOperands = 1024;

bool overlap(const TensorSpec& a, const TensorSpec& b) {
  return a.storage == b.storage && a.offset < b.end() && b.offset < a.end();
}

// On the same memory, element by element.
bool coincide(const TensorSpec& a, const TensorSpec& b) {
  return a.storage == b.storage && a.offset == b.offset && a.bytes() == b.bytes() &&
         size_of(a.view.dtype) == size_of(b.view.dtype);
}

std::string describe(const TensorView& view) {
  static constexpr const char* kNames[] = {"float32", "int32", "uint8"};
  std::string text = kNames[static_cast<int>(view.dtype)];
  text += "[";
  for (int axis = 0; axis < view.rank; ++axis) {
    if (axis > 0) text += ",";
    text += std::to_string(view.dims[axis]);
  }
  return text + "]";
}

std::string describe(std::span<const TensorView> views) {
  std::string text;
  for (const TensorView& view : views) text += (text.empty() ? "" : ", ") + describe(view);
  return text;
}

class Validator {
 public:
  explicit Validator(const Program& program) : program_(program) {}

  void run() {
    for (size_t i = 0; i < program_.tensors.size(); ++i) check_tensor(i);
    for (size_t i = 0; i < program_.instructions.size(); ++i) check_instruction(i);
    for (size_t i = 0; i < program_.feeds.size(); ++i) check_feed(i);
    for (size_t i = 0; i < program_.results.size(); ++i) {
      if (!is_tensor(program_.results[i])) fail("result", i, "there is no such tensor");
    }
  }

 private:
  [[noreturn]] static void fail(const char* kind, size_t index, const std::string& what) {
    throw ProgramError(std::string(kind) + " " + std::to_string(index) + ": " + what);
  }

  bool is_tensor(int64_t id) const { return id < static_cast<int64_t>(program_.tensors.size()); }
  const TensorSpec& tensor(int64_t id) const { return program_.tensors[id]; }

  void check_tensor(size_t id) const {
    const TensorSpec& spec = program_.tensors[id];
    const int64_t stores = static_cast<int64_t>(program_.store_bytes.size());
    if (spec.storage > stores) fail("tensor", id, "there is no such storage");
    const int64_t available =
        spec.storage == 0 ? program_.arena_bytes : program_.store_bytes[spec.storage - 1];
    if (spec.offset % size_of(spec.view.dtype) != 0)
      fail("tensor", id, "its offset is not aligned");
    if (spec.bytes() > available - spec.offset) {
      fail("tensor", id,
           "it ends at byte " + std::to_string(spec.end()) + " of a storage of " +
               std::to_string(available));
    }
  }

  void check_instruction(size_t index) {
    const Instruction& instruction = program_.instructions[index];
    if (instruction.opcode >= static_cast<int64_t>(op_table().size())) {
      fail("instruction", index, "there is no operation " + std::to_string(instruction.opcode));
    }
    const OpRow& row = op_table()[instruction.opcode];
    const auto refuse = [&](const std::string& what) {
      fail("instruction", index, "(" + std::string(row.name) + ") " + what);
    };
    if (!row.input_arity.accepts(instruction.inputs.size()) ||
        !row.output_arity.accepts(instruction.outputs.size()) ||
        !row.attr_arity.accepts(instruction.attrs.size())) {
      refuse("the number of inputs, outputs or attributes is wrong");
    }
    if (instruction.inputs.size() + instruction.outputs.size() > kMaxOperands) {
      refuse("it has more than " + std::to_string(kMaxOperands) + " operands");
    }
    inputs_.clear();
    outputs_.clear();
    for (const int64_t id : instruction.inputs) {
      if (!is_tensor(id)) refuse("an input is no tensor of the program");
      inputs_.push_back(tensor(id).view);
    }
    for (const int64_t id : instruction.outputs) {
      if (!is_tensor(id)) refuse("an output is no tensor of the program");
      outputs_.push_back(tensor(id).view);
    }
    check_overlaps(instruction, row, refuse);
    if (const char* wrong = row.op->check({inputs_, outputs_, instruction.attrs})) {
      refuse(wrong + (" (inputs " + describe(inputs_)) + "; outputs " + describe(outputs_) + ")");
    }
  }

  template <class Refuse>
  void check_overlaps(const Instruction& instruction, const OpRow& row,
                      const Refuse& refuse) const {
    for (size_t i = 0; i < instruction.outputs.size(); ++i) {
      const TensorSpec& output = tensor(instruction.outputs[i]);
      for (const int64_t id : instruction.inputs) {
        const TensorSpec& input = tensor(id);
        if (overlap(output, input) && !(row.op->in_place && coincide(output, input))) {
          refuse("output " + std::to_string(i) + " overlaps an input");
        }
      }
      for (size_t j = 0; j < i; ++j) {
        if (overlap(output, tensor(instruction.outputs[j]))) refuse("two outputs overlap");
      }
    }
  }

  void check_feed(size_t index) const {
    const FeedSpec& feed = program_.feeds[index];
    if (!is_tensor(feed.tensor)) fail("feed", index, "there is no such tensor");
    const TensorSpec& spec = tensor(feed.tensor);
    if (spec.storage != 0) fail("feed", index, "its tensor is not in the arena");
    if (feed.indexed && spec.view.rank == 0) fail("feed", index, "a scalar has no rows to index");
  }

  const Program& program_;
  std::vector<TensorView> inputs_, outputs_;  // of the instruction being checked
};

}  // namespace

void validate_program(const Program& program) { Validator(program).run(); }

}  // namespace luge
