// Manifests of stored models: what is accepted is written again to the same meaning.

#include "compiler/ir/manifest.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace quern;
  const auto read = ir::manifest_from_json(fuzz::text_of(data, size));
  if (!read) {
    fuzz::check_failure(read.errors());
    const auto code = read.errors().front().code;
    if (code != Code::corrupt_model && code != Code::model_too_new)
      fuzz::finding("a damaged manifest is called something else");
    return 0;
  }
  const auto written = ir::to_json(*read);
  const auto again = ir::manifest_from_json(written);
  if (!again) fuzz::finding("a manifest that was written cannot be read: " + written);
  if (ir::to_json(*again) != written) fuzz::finding("a manifest changes when it is written twice");
  return 0;
}
