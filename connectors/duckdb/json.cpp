// A recursive-descent JSON reader.

#include "connectors/duckdb/json.h"

#include <cstdint>

namespace quern::duckdb {
namespace {

constexpr int kDeepest = 2500;

void append_utf8(std::string& out, std::uint32_t code) {
  const auto put = [&out](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) {
    put(0xC0 | (code >> 6));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
  }
  put(0x80 | (code & 0x3F));
}

class Reader {
 public:
  Reader(std::string_view text, bool (*is_leaf)(const Json&)) : text_(text), is_leaf_(is_leaf) {}

  std::optional<Json> all() {
    Json value;
    if (!read(value, 0)) return std::nullopt;
    skip_blanks();
    if (at_ != text_.size()) return std::nullopt;
    return value;
  }

 private:
  char here() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  void skip_blanks() {
    while (here() == ' ' || here() == '\n' || here() == '\t' || here() == '\r') ++at_;
  }

  bool take(char c) {
    skip_blanks();
    if (here() != c) return false;
    ++at_;
    return true;
  }

  bool read(Json& out, int depth) {
    skip_blanks();
    if (depth > kDeepest) return false;
    if (take('{')) return read_members(out, depth + 1);
    if (take('[')) return read_items(out, depth + 1);
    if (take('"')) return read_string(out.text);
    const auto end = text_.find_first_of(",]} \n\t\r", at_);
    out.text = std::string(text_.substr(at_, end - at_));
    at_ += out.text.size();
    return !out.text.empty();
  }

  bool read_members(Json& out, int depth) {
    if (take('}')) return true;
    do {
      out.members.emplace_back();
      auto& [key, value] = out.members.back();
      if (!take('"') || !read_string(key) || !take(':') || !read(value, depth)) return false;
    } while (take(','));
    if (is_leaf_ != nullptr && is_leaf_(out)) out.members = {};
    return take('}');
  }

  bool read_items(Json& out, int depth) {
    if (take(']')) return true;
    do {
      if (!read(out.items.emplace_back(), depth)) return false;
    } while (take(','));
    return take(']');
  }

  bool read_string(std::string& out) {
    while (true) {
      const auto end = text_.find_first_of("\"\\", at_);
      if (end == std::string_view::npos) return false;
      out += text_.substr(at_, end - at_);
      at_ = end;
      const bool escape = here() == '\\';
      if (escape && !read_escape(out)) return false;
      ++at_;
      if (!escape) return true;
    }
  }

  /// Reads the escape at the backslash; leaves `at_` on its last character.
  bool read_escape(std::string& out) {
    ++at_;
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kMeant = "\"\\/\b\f\n\r\t";
    if (const auto found = kNames.find(here());
        at_ < text_.size() && found != std::string_view::npos) {
      out += kMeant[found];
      return true;
    }
    std::uint32_t code = 0;
    if (!read_hex(code)) return false;
    if (code >= 0xD800 && code < 0xDC00 && text_.substr(at_ + 1, 2) == "\\u") {
      at_ += 2;
      std::uint32_t low = 0;
      if (!read_hex(low)) return false;
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    append_utf8(out, code);
    return true;
  }

  /// Reads the four digits after the `u` at `at_`; leaves `at_` on the last one.
  bool read_hex(std::uint32_t& code) {
    if (here() != 'u' || at_ + 4 >= text_.size()) return false;
    for (int i = 0; i < 4; ++i) {
      const char c = text_[++at_];
      const auto digit = std::string_view("0123456789abcdef")
                             .find(static_cast<char>(c >= 'A' && c <= 'F' ? c + 32 : c));
      if (digit == std::string_view::npos) return false;
      code = code * 16 + static_cast<std::uint32_t>(digit);
    }
    return true;
  }

  std::string_view text_;
  bool (*is_leaf_)(const Json&);
  std::size_t at_ = 0;
};

}  // namespace

const Json* Json::find(std::string_view key) const {
  for (const auto& [name, value] : members) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::string Json::text_of(std::string_view key) const {
  const auto* value = find(key);
  return value == nullptr ? "" : value->text;
}

std::optional<Json> parse_json(std::string_view text, bool (*is_leaf)(const Json&)) {
  return Reader(text, is_leaf).all();
}

}  // namespace quern::duckdb
