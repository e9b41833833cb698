#pragma once
// Compiled objects on disk, so that a model that is used again tomorrow is not compiled again.
// Private to codegen/llvm.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace quern::codegen {

/// Files in one folder, each named after what it was compiled from and for. Nothing here is an
/// error: what cannot be read is compiled, what cannot be written is not kept. Threads and
/// processes may share a folder.
class ObjectCache {
 public:
  /// \param folder  made where it is missing, for this user alone; "", or one that others may write
  /// to: nothing is kept. \param limit  bytes, beyond which the files unused for longest go.
  ObjectCache(const std::string& folder, std::uintmax_t limit);

  /// The name of an object: a hash of all that decides what it is.
  static std::string name_of(const std::string& code, const std::string& machine);

  /// The object's bytes, if they are as they were stored; a file that is not is removed.
  std::optional<std::string> load(const std::string& name) const;
  void store(const std::string& name, const std::string& object) const;

 private:
  void drop_oldest() const;

  std::filesystem::path folder_;  ///< empty: nothing is kept
  std::uintmax_t limit_;
};

}  // namespace quern::codegen
