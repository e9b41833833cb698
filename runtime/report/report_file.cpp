// Checks whose the file is, then writes beside it; the rename comes last.

#include "runtime/report/report_file.h"

#include <fstream>
#include <span>

#include "runtime/model_file/file.h"
#include "runtime/report/html_page.h"

namespace quern::runtime {
namespace {

bool is_ours(const std::string& path) {
  std::string begin(kPageMark.size(), '\0');
  std::ifstream in(path, std::ios::binary);
  in.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return in && begin == kPageMark;
}

bool may_replace(const ir::ReportFile& file) { return file.replace || is_ours(file.path); }

template <typename T>
Result<T> placed(Result<T> done, const ir::ReportFile& file) {
  if (done) return done;
  auto errors = std::move(done).errors();
  for (auto& error : errors) error.span = file.span;
  return errors;
}

}  // namespace

Result<void> check_report_file(const ir::ReportFile& file) {
  return placed(check_writable(file.path, may_replace(file)), file);
}

Result<StagedPage> StagedPage::write(const ir::ReportFile& file, const std::string& page) {
  QUERN_CHECK(check_report_file(file));
  const bool replace = may_replace(file);
  QUERN_TRY(auto staged, placed(StagedFile::open(file.path), file));
  const std::span bytes(reinterpret_cast<const std::uint8_t*>(page.data()), page.size());
  QUERN_CHECK(placed(staged.write(bytes), file));
  return StagedPage(file, std::move(staged), replace);
}

Result<void> StagedPage::keep() { return placed(staged_.keep(replace_), file_); }

}  // namespace quern::runtime
