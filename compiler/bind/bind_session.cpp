// Binding of the session's own statements: SET quern.name and ATTACH of a connection.

#include <algorithm>
#include <array>

#include "base/secrets.h"
#include "base/similar.h"
#include "compiler/bind/internal.h"
#include "compiler/bind/settings.h"

namespace quern::binding {
namespace {

/// The setting without the `quern.` in front; empty where more or less than one part is left.
std::string option_name(const ast::Name& name) {
  return name.parts.size() == 2 ? name.parts[1].text : "";
}

ast::Attribute as_attribute(const ast::SetOption& set) {
  return {ast::Name{{set.name.parts.back()}, set.name.span}, set.value, set.span};
}

Diagnostic unknown_option(const ast::SetOption& set) {
  std::vector<std::string> names;
  for (const auto& spec : ir::session_attributes()) names.push_back("quern." + spec.name);
  std::string all;
  for (const auto& name : names) all += (all.empty() ? "" : ", ") + name;
  return {Code::unknown_setting, "unknown setting: " + set.name.text(), set.name.span,
          suggest(set.name.text(), names, "settings: " + all)};
}

std::string scheme_of(const std::string& uri) { return lower_ascii(uri.substr(0, uri.find(':'))); }

constexpr std::array<std::string_view, 6> kSchemes{"duckdb", "postgresql", "postgres",
                                                   "mysql",  "mariadb",    "sqlite"};

void check_scheme(const std::string& uri, SourceSpan span, Diagnostics& errors) {
  const auto scheme = scheme_of(uri);
  if (std::find(kSchemes.begin(), kSchemes.end(), scheme) != kSchemes.end()) return;
  errors.push_back(
      {Code::not_in_this_version, "connections of scheme `" + scheme + "` are not in this version",
       span,
       "duckdb:, postgresql:, mysql: and sqlite: are; DuckDB also reads CSV and Parquet files"});
}

/// A model store is a URI of a connection, or `default`.
void check_store(const ir::Setting& setting, Diagnostics& errors) {
  const auto& uri = std::get<std::string>(setting.value);
  if (equal_ignoring_case(uri, "default")) return;
  const bool is_uri = uri.find(':') != std::string::npos;
  if (is_uri) return check_scheme(uri, setting.value_span, errors);
  errors.push_back({Code::attribute_range,
                    "quern.model_store takes a database, found `" + mask_passwords(uri) + "`",
                    setting.value_span, "write 'duckdb:FILE', 'duckdb:FILE/SCHEMA' or default"});
}

}  // namespace

Diagnostics check_set_option(const ast::SetOption& set) {
  const auto* spec = ir::find_attribute(ir::session_attributes(), option_name(set.name));
  if (spec == nullptr) return {unknown_option(set)};
  Diagnostics errors;
  const auto settings = bind_settings({as_attribute(set)}, ir::session_attributes(), "SET", errors);
  if (errors.empty() && spec->name == "model_store") check_store(settings.front(), errors);
  return errors;
}

Diagnostics check_attach(const ast::Attach& attach) {
  Diagnostics errors;
  check_scheme(attach.uri.text, attach.uri.span, errors);
  const auto& parts = attach.name.parts;
  if (parts.size() != 1 || parts[0].text.empty()) {
    errors.push_back({Code::bad_target,
                      "the name of a connection is one word: " + attach.name.text(),
                      attach.name.span});
  }
  return errors;
}

Result<ir::Statement> bind_set_option(const ast::SetOption& set) {
  Diagnostics errors;
  auto settings = bind_settings({as_attribute(set)}, ir::session_attributes(), "SET", errors);
  return ir::Statement(ir::SetOption{std::move(settings.front())});
}

ir::Statement bind_attach(const ast::Attach& attach) {
  return ir::Attach{attach.uri.text, attach.uri.span, attach.name.parts.front().text,
                    attach.name.span};
}

}  // namespace quern::binding
