// The layout of safetensors: written so that the same tensors give the same bytes, read so that no
// byte is trusted.

#include "compiler/ir/tensors.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <new>
#include <nlohmann/json.hpp>
#include <tuple>

#include "compiler/ir/nesting.h"
#include "compiler/ir/whole.h"

namespace quern::ir {
namespace {

static_assert(std::endian::native == std::endian::little,
              "numbers are stored as they lie in memory");

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::size_t kLengthBytes = 8;
constexpr std::size_t kAlignment = 8;
constexpr const char* kMetadata = "__metadata__";

/// Blanks behind it let the numbers begin at a multiple of 8.
std::string header_of(const Tensors& tensors) {
  ordered_json out = ordered_json::object();
  auto texts = tensors.metadata;
  std::sort(texts.begin(), texts.end());
  for (const auto& [name, text] : texts) out[kMetadata][name] = text;
  std::size_t place = 0;
  for (const auto& tensor : tensors.tensors) {
    const auto end = place + tensor.values.size() * sizeof(float);
    out[tensor.name] = {{"dtype", "F32"}, {"shape", tensor.shape}, {"data_offsets", {place, end}}};
    place = end;
  }
  auto text = out.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  text.resize((text.size() + kAlignment - 1) / kAlignment * kAlignment, ' ');
  return text;
}

[[noreturn]] void fail(const std::string& what) { throw std::runtime_error(what); }

struct Place {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string name = {};
};

std::string_view header_in(std::span<const std::uint8_t> bytes) {
  std::uint64_t length = 0;
  if (bytes.size() < sizeof(length)) fail("they end in their length");
  std::memcpy(&length, bytes.data(), sizeof(length));
  if (length > bytes.size() - sizeof(length)) fail("their header is longer than they are");
  const auto* text = bytes.data() + sizeof(length);
  return {reinterpret_cast<const char*>(text), static_cast<std::size_t>(length)};
}

/// Where the tensors lie, by rising places: one behind the other, from 0 to `size`.
std::vector<Place> places_of(const json& header, std::size_t size) {
  std::vector<Place> out;
  for (const auto& [name, entry] : header.items()) {
    if (name == kMetadata) continue;
    const auto& offsets = entry.at("data_offsets");
    if (offsets.size() != 2) fail("tensor " + name + " has no place");
    out.push_back({whole<std::size_t>(offsets.at(0)), whole<std::size_t>(offsets.at(1)), name});
  }
  std::sort(out.begin(), out.end(), [](const Place& a, const Place& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  std::size_t at = 0;
  for (const auto& place : out) {
    if (place.begin != at || place.end < at || place.end > size)
      fail("tensor " + place.name + " does not lie behind another");
    at = place.end;
  }
  if (at != size) fail("bytes stand behind the tensors");
  return out;
}

/// Shape of a tensor that takes `values` numbers.
std::vector<std::int64_t> shape_of(const json& entry, const Place& place, std::size_t values) {
  std::vector<std::int64_t> out;
  std::size_t size = 1;
  for (const auto& n : entry.at("shape")) {
    out.push_back(whole<std::int64_t>(n));
    if (out.back() < 0) fail("tensor " + place.name + " has a negative size");
    const auto wide = static_cast<std::size_t>(out.back());
    if (wide != 0 && size > std::numeric_limits<std::size_t>::max() / wide)
      fail("tensor " + place.name + " is too large");
    size *= wide;
  }
  if (size != values) fail("tensor " + place.name + " has another size than its shape says");
  return out;
}

Tensor read_tensor(const json& entry, const Place& place, const std::uint8_t* numbers) {
  const auto bytes = place.end - place.begin;
  if (bytes % sizeof(float) != 0) fail("tensor " + place.name + " ends within a number");
  Tensor out{place.name, shape_of(entry, place, bytes / sizeof(float)), {}};
  out.values.resize(bytes / sizeof(float));
  if (bytes > 0) std::memcpy(out.values.data(), numbers + place.begin, bytes);
  return out;
}

/// The first tensor whose numbers are not float32, in words; empty: none.
std::string other_type(const json& header) {
  for (const auto& [name, entry] : header.items()) {
    if (name == kMetadata) continue;
    const auto type = entry.at("dtype").get<std::string>();
    if (type != "F32") return "tensor " + name + " of type " + type;
  }
  return "";
}

Result<Tensors> read(std::span<const std::uint8_t> bytes) {
  constexpr int kDeepest = 8;
  const auto text = header_in(bytes);
  if (is_nested_deeper(text, kDeepest)) fail("their header is nested too deeply");
  const auto header = json::parse(text);
  if (!header.is_object()) fail("their header is no object");
  if (const auto other = other_type(header); !other.empty())
    return Diagnostic{Code::not_in_this_version, other + "; only F32 is read"};
  const auto numbers = bytes.subspan(kLengthBytes + text.size());
  Tensors out;
  if (header.contains(kMetadata)) {
    for (const auto& [name, value] : header.at(kMetadata).items())
      out.metadata.emplace_back(name, value.get<std::string>());
  }
  for (const auto& place : places_of(header, numbers.size()))
    out.tensors.push_back(read_tensor(header.at(place.name), place, numbers.data()));
  return out;
}

}  // namespace

const Tensor* Tensors::find(std::string_view name) const {
  const auto found =
      std::find_if(tensors.begin(), tensors.end(), [&](const Tensor& t) { return t.name == name; });
  return found == tensors.end() ? nullptr : &*found;
}

const std::string* Tensors::text(std::string_view name) const {
  for (const auto& [key, value] : metadata) {
    if (key == name) return &value;
  }
  return nullptr;
}

std::vector<std::uint8_t> write_tensors(const Tensors& tensors) {
  const auto header = header_of(tensors);
  const std::uint64_t length = header.size();
  std::vector<std::uint8_t> out(kLengthBytes + header.size());
  std::memcpy(out.data(), &length, kLengthBytes);
  std::memcpy(out.data() + kLengthBytes, header.data(), header.size());
  for (const auto& tensor : tensors.tensors) {
    const auto* begin = reinterpret_cast<const std::uint8_t*>(tensor.values.data());
    out.insert(out.end(), begin, begin + tensor.values.size() * sizeof(float));
  }
  return out;
}

Result<Tensors> read_tensors(std::span<const std::uint8_t> bytes) {
  try {
    return read(bytes);
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "the model's tensors do not fit into memory"};
  } catch (const std::exception& e) {
    return Diagnostic{Code::corrupt_model, std::string("stored tensors are corrupt: ") + e.what()};
  }
}

}  // namespace quern::ir
