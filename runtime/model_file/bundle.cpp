// Little-endian numbers, two blocks and a check sum. The sizes are checked against the file before
// anything is copied.

#include "runtime/model_file/bundle.h"

#include <algorithm>
#include <string_view>

#include "base/hash.h"

namespace quern::runtime {
namespace {

/// Line ends of both kinds and a byte above ASCII: a transfer as text would change them.
constexpr std::string_view kMagic = "\x89QUERN\r\n";
constexpr std::size_t kHeader = 28;  ///< magic, format, two sizes
constexpr std::size_t kCheckSum = 8;

void put(std::vector<std::uint8_t>& out, std::uint64_t number, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(static_cast<std::uint8_t>(number >> (8 * i)));
}

std::uint64_t number_at(std::span<const std::uint8_t> bytes, std::size_t at, int count) {
  std::uint64_t out = 0;
  for (int i = 0; i < count; ++i)
    out |= static_cast<std::uint64_t>(bytes[at + static_cast<std::size_t>(i)]) << (8 * i);
  return out;
}

std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Diagnostic damaged(const std::string& what) {
  return {Code::corrupt_model, "the bundle is damaged: " + what};
}

Diagnostic too_new(std::uint64_t format) {
  return {Code::model_too_new, "the bundle was written by a newer version of quern: format " +
                                   std::to_string(format) + ", this version reads up to " +
                                   std::to_string(Bundle::kFormat)};
}

/// The two blocks must fill the file exactly.
Result<void> check_sizes(std::uint64_t manifest, std::uint64_t payload, std::size_t file) {
  const std::uint64_t room = file - kHeader - kCheckSum;
  if (manifest <= room && payload == room - manifest) return {};
  return damaged("it has " + std::to_string(file) + " bytes, its header speaks of " +
                 std::to_string(manifest) + " of manifest and " + std::to_string(payload) +
                 " of payload");
}

}  // namespace

bool is_bundle(std::span<const std::uint8_t> bytes) {
  const auto size = std::min(bytes.size(), kMagic.size());
  return size > 0 && as_text(bytes.first(size)) == kMagic.substr(0, size);
}

std::vector<std::uint8_t> to_bytes(const Bundle& bundle) {
  std::vector<std::uint8_t> out(kMagic.begin(), kMagic.end());
  put(out, Bundle::kFormat, 4);
  put(out, bundle.manifest.size(), 8);
  put(out, bundle.payload.size(), 8);
  out.insert(out.end(), bundle.manifest.begin(), bundle.manifest.end());
  out.insert(out.end(), bundle.payload.begin(), bundle.payload.end());
  put(out, fnv1a(as_text(out)), 8);
  return out;
}

Result<Bundle> read_bundle(std::span<const std::uint8_t> bytes) {
  if (bytes.size() >= kMagic.size() + 4) {
    const auto format = number_at(bytes, kMagic.size(), 4);
    if (format > Bundle::kFormat) return too_new(format);
    if (format == 0) return damaged("its format is 0");
  }
  if (bytes.size() < kHeader + kCheckSum)
    return damaged("it ends after " + std::to_string(bytes.size()) + " bytes");
  const auto manifest = number_at(bytes, 12, 8);
  const auto payload = number_at(bytes, 20, 8);
  QUERN_CHECK(check_sizes(manifest, payload, bytes.size()));
  const auto end = bytes.size() - kCheckSum;
  if (fnv1a(as_text(bytes.first(end))) != number_at(bytes, end, 8))
    return damaged("its bytes do not match their check sum");
  const auto held = bytes.subspan(kHeader, manifest);
  const auto rest = bytes.subspan(kHeader + manifest, payload);
  return Bundle{std::string(as_text(held)), {rest.begin(), rest.end()}};
}

}  // namespace quern::runtime
