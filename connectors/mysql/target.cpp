// URIs, cut by hand: what stands between // and the last @ in front of the path is who, since
// passwords of Go's DSN are written as they are.

#include "connectors/mysql/target.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string_view>

#include "base/similar.h"

namespace quern::mysql {
namespace {

Diagnostic bad(const std::string& what, std::string hint = {}) {
  return {Code::cannot_open, "mysql: " + what, SourceSpan::none(), std::move(hint)};
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/// Takes %XX apart; a % that begins no such thing stays.
std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape = text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 &&
                        hex_digit(text[i + 2]) >= 0;
    if (!escape) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
    i += 2;
  }
  return out;
}

bool read_number(std::string_view text, unsigned int most, unsigned int& out) {
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  return read.ec == std::errc() && read.ptr == text.data() + text.size() && out <= most;
}

Result<void> read_port(std::string_view text, Target& out) {
  if (text.empty() || read_number(text, 65535, out.port)) return {};
  return bad("the port of the URI is no number up to 65535");
}

/// host, host:port, [v6]:port, tcp(host:port), unix(path) or nothing.
Result<void> read_place(std::string_view text, Target& out) {
  if (text.starts_with("unix(") && text.ends_with(")")) {
    out.socket = decoded(text.substr(5, text.size() - 6));
    return {};
  }
  if (text.starts_with("tcp(") && text.ends_with(")")) text = text.substr(4, text.size() - 5);
  auto colon = text.rfind(':');
  if (text.starts_with("[")) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) return bad("the host of the URI lacks its `]`");
    out.host = std::string(text.substr(1, close - 1));
    return close + 1 < text.size() ? read_port(text.substr(close + 2), out) : Result<void>();
  }
  if (colon == std::string_view::npos) colon = text.size();
  out.host = decoded(text.substr(0, colon));
  return colon < text.size() ? read_port(text.substr(colon + 1), out) : Result<void>();
}

void read_user(std::string_view text, Target& out) {
  const auto colon = text.find(':');
  out.user = decoded(text.substr(0, colon));
  out.has_password = colon != std::string_view::npos;
  if (out.has_password) out.password = decoded(text.substr(colon + 1));
}

constexpr std::array<std::string_view, 13> kPlain{
    "ssl-ca",        "ssl-capath",     "ssl-cert",    "ssl-key",         "ssl-cipher",
    "ssl-crl",       "ssl-mode",       "tls-version", "connect-timeout", "compress",
    "defaults-file", "defaults-group", "plugin-dir"};
constexpr std::array<std::string_view, 5> kModes{"disabled", "preferred", "required", "verify_ca",
                                                 "verify_identity"};

/// Options of Go's driver that mean what holds here anyway, or have another name here.
Result<bool> read_go_option(const std::string& name, const std::string& value, Target& out) {
  const auto only = [&](std::string_view allowed) -> Result<bool> {
    if (value == allowed) return true;
    return bad("option " + name + " can be " + std::string(allowed) + " only");
  };
  if (name == "parseTime") return only("true");
  if (name == "maxAllowedPacket") return only("0");
  if (name == "charset") return value == "utf8" ? Result<bool>(true) : only("utf8mb4");
  if (name == "tls") {
    const bool known =
        value == "true" || value == "skip-verify" || value == "preferred" || value == "false";
    if (!known) return bad("option tls can be true, false, skip-verify or preferred");
    out.options["ssl-mode"] = value == "true"          ? "verify_identity"
                              : value == "false"       ? "disabled"
                              : value == "skip-verify" ? "required"
                                                       : "preferred";
    return true;
  }
  if (name != "timeout") return false;
  unsigned int seconds = 0;
  if (!value.ends_with("s") || !read_number(value.substr(0, value.size() - 1), 1U << 20U, seconds))
    return bad("option timeout is a number of seconds, such as 10s");
  out.options["connect-timeout"] = std::to_string(seconds);
  return true;
}

Result<void> read_option(std::string_view text, Target& out) {
  const auto equals = std::min(text.find('='), text.size());
  auto name = decoded(text.substr(0, equals));
  const auto value = equals < text.size() ? decoded(text.substr(equals + 1)) : std::string();
  QUERN_TRY(const bool done, read_go_option(name, value, out));
  if (done) return {};
  std::replace(name.begin(), name.end(), '_', '-');
  if (name == "socket") {
    out.socket = value;
    return {};
  }
  if (std::find(kPlain.begin(), kPlain.end(), name) == kPlain.end()) {
    std::vector<std::string> known(kPlain.begin(), kPlain.end());
    known.emplace_back("socket");
    return bad("unknown option of the URI: " + name,
               suggest(name, known, "options are socket, ssl-ca, ssl-mode, connect-timeout, ..."));
  }
  const auto mode = lower_ascii(value);
  if (name == "ssl-mode" && std::find(kModes.begin(), kModes.end(), mode) == kModes.end())
    return bad("ssl-mode is disabled, preferred, required, verify_ca or verify_identity");
  unsigned int number = 0;
  if (name == "connect-timeout" && !read_number(value, 1U << 20U, number))
    return bad("connect-timeout is a number of seconds");
  if (name == "compress" && mode != "true" && mode != "false" && mode != "1" && mode != "0")
    return bad("compress is true or false");
  out.options[name] = name == "ssl-mode" || name == "compress" ? mode : value;
  return {};
}

}  // namespace

Result<Target> read_target(const std::string& uri) {
  Target out;
  std::string_view rest = uri;
  rest.remove_prefix(std::min(rest.find(':') + 1, rest.size()));
  if (!rest.starts_with("//")) return bad("write mysql://user@host/database");
  rest.remove_prefix(2);
  const auto question = std::min(rest.find('?'), rest.size());
  auto options = question < rest.size() ? rest.substr(question + 1) : std::string_view();
  auto place = rest.substr(0, question);
  const auto at = place.rfind('@');
  if (at != std::string_view::npos) {
    read_user(place.substr(0, at), out);
    place.remove_prefix(at + 1);
  }
  const bool bracketed = place.starts_with("unix(");
  auto slash = place.find('/', bracketed ? std::min(place.find(')'), place.size()) : 0);
  slash = std::min(slash, place.size());
  QUERN_CHECK(read_place(place.substr(0, slash), out));
  if (slash < place.size()) out.database = decoded(place.substr(slash + 1));
  while (!options.empty()) {
    const auto end = std::min(options.find('&'), options.size());
    if (end > 0) QUERN_CHECK(read_option(options.substr(0, end), out));
    options.remove_prefix(std::min(end + 1, options.size()));
  }
  return out;
}

}  // namespace quern::mysql
