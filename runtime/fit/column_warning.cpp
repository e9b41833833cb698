// Lists of columns.

#include "runtime/fit/column_warning.h"

#include <algorithm>

namespace quern::runtime {
namespace {

constexpr std::size_t kMostNamed = 5;

bool is_plain(const std::string& name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && letter(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) {
    return letter(c) || (c >= '0' && c <= '9');
  });
}

/// A name as it is written in COLUMN.
std::string written(const std::string& name) {
  if (is_plain(name)) return name;
  std::string out = "\"";
  for (const char c : name) out += c == '"' ? "\"\"" : std::string(1, c);
  return out + '"';
}

}  // namespace

std::string listed(const std::vector<Finding>& findings) {
  std::string out;
  for (std::size_t i = 0; i < findings.size() && i < kMostNamed; ++i) {
    const auto& [column, found] = findings[i];
    out += (i > 0 ? ", " : "") + column + (found.empty() ? "" : " (" + found + ")");
  }
  if (findings.size() > kMostNamed)
    out += " and " + std::to_string(findings.size() - kMostNamed) + " more";
  return out;
}

std::string leave_out(const std::vector<Finding>& findings) {
  std::string names;
  for (std::size_t i = 0; i < findings.size() && i < kMostNamed; ++i)
    names += (i > 0 ? ", " : "") + written(findings[i].column);
  return "COLUMN * EXCEPT (" + names + (findings.size() > kMostNamed ? ", ...)" : ")");
}

}  // namespace quern::runtime
