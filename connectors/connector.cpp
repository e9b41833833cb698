// The way from a URI to a connection: which plug-in serves a scheme, and how names and text are
// quoted for what it speaks. The databases themselves live in the folders beside this file.

#include "connectors/connector.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "base/plugin.h"
#include "base/secrets.h"
#include "base/similar.h"

namespace quern {
namespace {

std::string enclose(const std::string& text, char quote, const std::string& doubled) {
  std::string out(1, quote);
  for (const char c : text) {
    if (doubled.find(c) != std::string::npos) out += c;
    out += c;
  }
  return out + quote;
}

/// The part before the first colon where it has the form of a scheme (RFC 3986, 3.1), lower case.
std::string scheme_of(const std::string& uri) {
  const auto colon = uri.find(':');
  if (colon == std::string::npos || colon == 0) return "";
  const auto letter = [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '+' || c == '-' || c == '.';
  };
  const bool formed =
      std::all_of(uri.begin(), uri.begin() + static_cast<std::ptrdiff_t>(colon), letter);
  return formed ? lower_ascii(uri.substr(0, colon)) : "";
}

bool is_duckdb_file(const std::string& uri) {
  const auto lower = lower_ascii(uri);
  return lower.ends_with(".duckdb") || lower.ends_with(".db");
}

struct Scheme {
  std::string_view name;
  const char* plugin;
};

constexpr std::array<Scheme, 6> kSchemes{{
    {"duckdb", "duckdb"},
    {"postgresql", "postgres"},
    {"postgres", "postgres"},
    {"mysql", "mysql"},
    {"mariadb", "mysql"},
    {"sqlite", "sqlite"},
}};

Diagnostic unknown_scheme(const std::string& uri, const std::string& scheme) {
  const std::string forms =
      "write duckdb:FILE, a path that ends in .duckdb or .db, sqlite:FILE, "
      "postgresql://HOST/DATABASE or mysql://HOST/DATABASE";
  if (scheme.empty()) {
    return {Code::unknown_scheme, "no database scheme in `" + mask_passwords(uri) + "`",
            SourceSpan::none(), forms};
  }
  std::vector<std::string> known;
  for (const auto& known_scheme : kSchemes) known.emplace_back(known_scheme.name);
  return {Code::unknown_scheme, "unknown database scheme: " + scheme, SourceSpan::none(),
          suggest(scheme, known, forms)};
}

/// The plug-in that serves a URI.
Result<std::string> plugin_of(const std::string& uri) {
  const auto scheme = scheme_of(uri);
  if (uri.empty() || (scheme.empty() && is_duckdb_file(uri))) return std::string("duckdb");
  for (const auto& known : kSchemes) {
    if (known.name == scheme) return std::string(known.plugin);
  }
  return unknown_scheme(uri, scheme);
}

/// Words of our own are no place in the user's text.
Result<void> run_own(Connection& connection, const std::string& sql) {
  auto done = connection.execute(sql);
  if (done) return {};
  auto errors = std::move(done).errors();
  for (auto& error : errors) error.span = SourceSpan::none();
  return errors;
}

}  // namespace

Result<void> Connection::begin() { return run_own(*this, "BEGIN"); }
Result<void> Connection::commit() { return run_own(*this, "COMMIT"); }
Result<void> Connection::rollback() { return run_own(*this, "ROLLBACK"); }

std::string quote_identifier(const std::string& name, Dialect dialect) {
  return dialect == Dialect::mysql ? enclose(name, '`', "`") : enclose(name, '"', "\"");
}

std::string quote_name(const TableName& name, Dialect dialect) {
  std::string out;
  for (const auto* part : {&name.catalog, &name.schema, &name.table}) {
    if (part->empty()) continue;
    if (!out.empty()) out += '.';
    out += quote_identifier(*part, dialect);
  }
  return out;
}

std::string quote_text(const std::string& text, Dialect dialect) {
  // MySQL reads backslash escapes in its default sql_mode; the others do not.
  return enclose(text, '\'', dialect == Dialect::mysql ? "'\\" : "'");
}

Result<std::unique_ptr<Connection>> open_connection(const OpenOptions& options) {
  QUERN_TRY(const auto plugin, plugin_of(options.uri));
  QUERN_TRY(const auto* table, load_plugin(plugin));
  return static_cast<const ConnectorPlugin*>(table)->open(options);
}

}  // namespace quern
