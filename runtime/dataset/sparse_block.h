#pragma once
// Where the sparse rows of one page lie: in memory, or in a temporary file of their store.

#include <cstddef>
#include <memory>
#include <vector>

#include "codegen/interpret/sparse_rows.h"
#include "runtime/dataset/nameless_file.h"

namespace quern::runtime {

/// Rows of some groups, appended in memory until they are moved to a file. What reads or writes the
/// file throws std::system_error.
class SparseBlock {
 public:
  using Groups = std::vector<codegen::SparseRows>;

  SparseBlock() = default;
  explicit SparseBlock(std::size_t groups) : groups_(groups) {}

  bool in_memory() const { return file_ == nullptr; }
  /// Those of a block in memory.
  Groups& groups() { return groups_; }
  const Groups& groups() const { return groups_; }
  /// Bytes of all entries and of their offsets, wherever they lie.
  std::size_t bytes() const;

  /// Gives back what vectors hold beyond their size.
  void shrink();
  /// Gives the memory back.
  void move_to(std::shared_ptr<NamelessFile> file);
  /// A copy of the rows of a block in a file.
  Groups load() const;
  /// Calls `change(groups)`, which may rewrite all of them.
  template <typename Change>
  void edit(Change change) {
    if (in_memory()) return change(groups_);
    auto groups = load();
    change(groups);
    store(groups);
  }

 private:
  struct Size {
    std::size_t offsets;
    std::size_t entries;
  };
  static std::vector<Size> sizes_of(const Groups& groups);
  static std::size_t bytes_of(const std::vector<Size>& sizes);
  void store(const Groups& groups);

  Groups groups_;                       ///< empty in a file
  std::vector<Size> sizes_;             ///< of those in the file
  std::shared_ptr<NamelessFile> file_;  ///< null in memory
  std::size_t at_ = 0;                  ///< where they begin in the file
  std::size_t room_ = 0;                ///< bytes from there on that are theirs
};

}  // namespace quern::runtime
