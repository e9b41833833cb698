#pragma once
// Where a session goes: the parts of a URI.

#include <map>
#include <string>

#include "base/result.h"

namespace quern::mysql {

/// Empty parts are left to option files, the environment and the library's defaults.
struct Target {
  std::string host;
  std::string user;
  std::string password;
  bool has_password = false;  ///< an empty one may be meant
  std::string database;
  std::string socket;
  unsigned int port = 0;
  std::map<std::string, std::string> options;  ///< those that read_target() knows
};

/// Reads `mysql://user:password@host:port/database?option=value&...`, the same with `mariadb:`, and
/// the form of Go's driver and SQLFlow, `mysql://user:password@tcp(host:port)/database?...` and
/// `unix(/path)`. Every part may be left out and have %XX in it. Options: socket, ssl-ca,
/// ssl-capath, ssl-cert, ssl-key, ssl-cipher, ssl-crl, ssl-mode (disabled, preferred, required,
/// verify_ca, verify_identity), tls-version, connect-timeout (seconds), compress, defaults-file,
/// defaults-group, plugin-dir; and of Go's driver tls, timeout, maxAllowedPacket=0, parseTime=true,
/// charset=utf8mb4. Errors: cannot_open, which shows no part of the URI but names of options.
Result<Target> read_target(const std::string& uri);

}  // namespace quern::mysql
