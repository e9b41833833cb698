// Look-ups over the registry; the declarations stand in attribute_table.cpp.

#include "compiler/ir/attributes.h"

#include <algorithm>
#include <cmath>

#include "base/box.h"
#include "base/format.h"
#include "base/similar.h"

namespace quern::ir {
namespace {

std::string bound_words(double bound) {
  return std::floor(bound) == bound && std::abs(bound) < 1e15
             ? std::to_string(static_cast<long long>(bound))
             : format_double(bound);
}

}  // namespace

std::string range_words(const AttributeRange& r) {
  std::string out;
  if (r.low) out += (r.low_open ? "above " : "at least ") + bound_words(*r.low);
  if (r.low && r.high) out += " and ";
  if (r.high) out += (r.high_open ? "below " : "at most ") + bound_words(*r.high);
  return out;
}

std::string format_attribute(const AttributeValue& value) {
  return std::visit(Overloaded{
                        [](bool v) { return std::string(v ? "true" : "false"); },
                        [](std::int64_t v) { return std::to_string(v); },
                        [](double v) { return format_double(v); },
                        [](const std::string& v) { return v; },
                        [](const std::vector<std::string>& v) {
                          std::string out;
                          for (const auto& item : v) out += (out.empty() ? "" : ", ") + item;
                          return out;
                        },
                        [](const NumberMap& v) {
                          std::string out;
                          for (const auto& [name, number] : v) {
                            out += (out.empty() ? "" : ", ") + name + ": " + format_double(number);
                          }
                          return "{" + out + "}";
                        },
                        [](const NameGroups& v) {
                          std::string out;
                          for (const auto& group : v) {
                            out += (out.empty() ? "[" : ", [") + format_attribute(group) + "]";
                          }
                          return "[" + out + "]";
                        },
                        [](const std::vector<Scalar>& v) {
                          std::string out;
                          for (const auto& item : v)
                            out += (out.empty() ? "" : ", ") + format_scalar(item);
                          return "[" + out + "]";
                        },
                    },
                    value);
}

const AttributeSpec* find_attribute(std::span<const AttributeSpec> specs, std::string_view name) {
  for (const auto& spec : specs) {
    if (equal_ignoring_case(spec.name, name)) return &spec;
  }
  for (const auto& spec : specs) {
    const bool alias = std::any_of(spec.aliases.begin(), spec.aliases.end(),
                                   [&](const auto& a) { return equal_ignoring_case(a, name); });
    if (alias) return &spec;
  }
  return nullptr;
}

const Setting* find_setting(const std::vector<Setting>& settings, std::string_view name) {
  const auto at = std::find_if(settings.begin(), settings.end(),
                               [&](const Setting& s) { return s.spec->name == name; });
  return at == settings.end() ? nullptr : &*at;
}

}  // namespace quern::ir
