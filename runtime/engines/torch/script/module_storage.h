#pragma once
// Whether tensors of a file lie within what the file has of them: the library believes what it is
// told of their sizes, and would read behind their ends.

#include <ATen/core/ivalue.h>

#include <cstdint>
#include <set>
#include <vector>

namespace quern::runtime::training {

class ModuleStorage {
 public:
  /// Throws c10::Error where the file is no archive of the library's.
  explicit ModuleStorage(const std::vector<std::uint8_t>& file);

  /// Of all tensors in a value that was loaded from the file. Each piece of memory must be as large
  /// as a record of its own.
  bool holds(const c10::IValue& value);

 private:
  bool holds(const at::Tensor& tensor);

  std::multiset<std::size_t> records_;  ///< sizes of those that no memory has taken yet
  std::set<const void*> known_;         ///< memory that has
};

}  // namespace quern::runtime::training
