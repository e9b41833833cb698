// Builds a DocumentValue from the JSON library's events. Its own tree would take sixteen bytes a
// number and, for UBJ, recurse and allocate as deep and as much as the payload says.

#include "codegen/forest/document.h"

#include <charconv>
#include <cmath>
#include <limits>
#include <new>
#include <nlohmann/json.hpp>

namespace quern::codegen {
namespace {

constexpr std::size_t kMaxDepth = 32;

Diagnostic corrupt(std::string what) {
  return {Code::corrupt_model, "the model is neither UBJ nor JSON: " + std::move(what)};
}

/// Takes the parser's events; every handler returns false to stop it.
class Builder {
 public:
  using Json = nlohmann::json;

  explicit Builder(std::size_t budget) : budget_(budget) {}

  bool null() { return add(std::numeric_limits<double>::quiet_NaN()); }
  bool boolean(bool value) { return add(value ? 1.0 : 0.0); }
  bool number_integer(std::int64_t value) { return add(static_cast<double>(value)); }
  bool number_unsigned(std::uint64_t value) { return add(static_cast<double>(value)); }
  bool number_float(double value, const std::string& text) { return add(nearest(value, text)); }
  bool string(std::string& value) { return add(std::move(value)); }
  bool binary(Json::binary_t&) { return stop("binary value"); }
  bool key(std::string& name) {
    key_ = std::move(name);
    return true;
  }
  bool start_object(std::size_t) { return open(DocumentValue::Object{}); }
  bool start_array(std::size_t) { return open(DocumentValue::Numbers{}); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool parse_error(std::size_t position, const std::string&, const std::exception&) {
    return stop("damaged at byte " + std::to_string(position));
  }

  DocumentValue take() { return std::move(root_); }
  const std::string& problem() const { return problem_; }

 private:
  /// Rounds the text of a JSON number once, to float32; UBJ has no text and gives the value itself.
  static double nearest(double value, const std::string& text) {
    float exact = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, exact);
    if (!text.empty() && error == std::errc{} && stop == end) return exact;
    return static_cast<float>(value);
  }

  bool stop(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
    return false;
  }

  bool add(auto value) { return place({.held = std::move(value)}) != nullptr; }

  bool open(auto empty) {
    if (open_.size() >= kMaxDepth) return stop("nested too deeply");
    auto* placed = place({.held = std::move(empty)});
    if (placed != nullptr) open_.push_back(placed);
    return placed != nullptr;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  /// Puts a value where it belongs. The pointer stays good while the value is open: its parent does
  /// not grow meanwhile.
  DocumentValue* place(DocumentValue value) {
    if (budget_-- == 0) return refuse("more values than bytes");
    if (open_.empty()) return &(root_ = std::move(value));
    auto& parent = open_.back()->held;
    if (auto* object = std::get_if<DocumentValue::Object>(&parent)) {
      return &object->emplace_back(std::move(key_), std::move(value)).second;
    }
    if (auto* numbers = std::get_if<DocumentValue::Numbers>(&parent)) {
      if (const auto* number = std::get_if<double>(&value.held)) {
        numbers->push_back(*number);
        return open_.back();
      }
      if (!numbers->empty()) return refuse("array of mixed values");
      parent = DocumentValue::List{};
    }
    if (std::holds_alternative<double>(value.held)) return refuse("array of mixed values");
    return &std::get<DocumentValue::List>(parent).emplace_back(std::move(value));
  }

  DocumentValue* refuse(std::string problem) {
    stop(std::move(problem));
    return nullptr;
  }

  std::size_t budget_;
  DocumentValue root_;
  std::vector<DocumentValue*> open_;
  std::string key_;
  std::string problem_;
};

/// Rewrites what XGBoost writes beyond JSON: NaN as null, Infinity as a number that float32 cannot
/// hold.
std::string plain_json(std::string_view text) {
  std::string plain;
  plain.reserve(text.size() + text.size() / 8);
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '"') in_string = !in_string;
    if (in_string && c == '\\' && i + 1 < text.size()) {
      plain += c;
      plain += text[++i];
    } else if (!in_string && c == 'N' && text.substr(i, 3) == "NaN") {
      plain += "null";
      i += 2;
    } else if (!in_string && c == 'I' && text.substr(i, 8) == "Infinity") {
      plain += "9e99";
      i += 7;
    } else {
      plain += c;
    }
  }
  return plain;
}

bool parse(std::span<const std::uint8_t> payload, Builder& builder) {
  using Json = nlohmann::json;
  if (is_ubj(payload)) {
    return Json::sax_parse(payload.begin(), payload.end(), &builder, Json::input_format_t::ubjson);
  }
  const std::string_view text(reinterpret_cast<const char*>(payload.data()), payload.size());
  return Json::sax_parse(plain_json(text), &builder);
}

}  // namespace

/// After the opening brace UBJ has the type of a name's length, or the mark of a sized object.
bool is_ubj(std::span<const std::uint8_t> payload) {
  if (payload.size() < 2 || payload[0] != '{') return false;
  return std::string_view("iUIlL#$N").find(static_cast<char>(payload[1])) != std::string_view::npos;
}

const DocumentValue* DocumentValue::find(std::string_view name) const {
  const auto* object = as<Object>();
  if (object == nullptr) return nullptr;
  for (const auto& [key, value] : *object) {
    if (key == name) return &value;
  }
  return nullptr;
}

Result<DocumentValue> read_document(std::span<const std::uint8_t> payload) {
  try {
    Builder builder(payload.size());
    if (parse(payload, builder)) return builder.take();
    return corrupt(builder.problem());
  } catch (const std::bad_alloc&) {
    return Diagnostic{Code::out_of_memory, "the model does not fit into memory"};
  } catch (const std::exception& error) {
    return corrupt(error.what());
  }
}

}  // namespace quern::codegen
