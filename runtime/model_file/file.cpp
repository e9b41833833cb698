// Whole files, through the standard library and base/staged_file.h.

#include "runtime/model_file/file.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/staged_file.h"

namespace quern::runtime {
namespace fs = std::filesystem;

Result<std::vector<std::uint8_t>> read_file(const std::string& path) {
  std::error_code failed;
  const auto kind = fs::status(path, failed);
  const auto cannot = [&](const std::string& why) {
    return Diagnostic{Code::cannot_read_file, "cannot read file: " + path + ": " + why};
  };
  if (!fs::exists(kind)) return cannot("there is none");
  if (!fs::is_regular_file(kind)) return cannot("it is not a regular file");
  std::ifstream in(path, std::ios::binary);
  if (!in) return cannot(std::strerror(errno));
  std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return cannot("reading it failed");
  return bytes;
}

Result<void> check_writable(const std::string& path, bool replace) {
  std::error_code failed;
  const auto kind = fs::status(path, failed);
  if (fs::is_directory(kind)) return cannot_write(path, EISDIR);
  if (fs::exists(kind) && !fs::is_regular_file(kind)) return cannot_write(path, EINVAL);
  if (fs::exists(kind) && !replace) return exists_already(path);
  const auto folder = fs::path(path).parent_path();
  if (!folder.empty() && !fs::is_directory(folder, failed)) return cannot_write(path, ENOENT);
  return {};
}

Result<void> write_file(const std::string& path, std::span<const std::uint8_t> bytes,
                        bool replace) {
  QUERN_CHECK(check_writable(path, replace));
  QUERN_TRY(auto file, StagedFile::open(path));
  QUERN_CHECK(file.write(bytes));
  return file.keep(replace);
}

}  // namespace quern::runtime
