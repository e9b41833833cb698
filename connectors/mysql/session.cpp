// libmariadb's text protocol for commands of our own. Statements are stopped by KILL QUERY from a
// short connection beside, since the protocol has no other way.

#include "connectors/mysql/session.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <tuple>

#include "base/similar.h"

namespace quern::mysql {
namespace {

/// Seconds that a connection beside, which is to stop a statement, may take.
constexpr unsigned int kPatience = 5;
/// A connection that was idle so long may have been closed by the server.
constexpr auto kIdle = std::chrono::seconds(30);
constexpr std::size_t kMostWarnings = 5;

const char* or_null(const std::string& text) { return text.empty() ? nullptr : text.c_str(); }

void set_flag(MYSQL* handle, mysql_option option, bool on) {
  const my_bool value = on ? 1 : 0;
  mysql_optionsv(handle, option, &value);
}

void set_tls_mode(MYSQL* handle, const std::string& mode) {
  // TLS where the server has it, and with no certificates of an option file's.
  mysql_ssl_set(handle, nullptr, nullptr, nullptr, nullptr, nullptr);
  if (mode == "disabled") {
    set_flag(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, false);
    return set_flag(handle, MYSQL_OPT_SSL_ENFORCE, false);
  }
  if (mode == "preferred") return;
  set_flag(handle, MYSQL_OPT_SSL_ENFORCE, true);
  set_flag(handle, MYSQL_OPT_SSL_VERIFY_SERVER_CERT,
           mode == "verify_ca" || mode == "verify_identity");
}

void set_option(MYSQL* handle, const std::string& name, const std::string& value) {
  struct Text {
    std::string_view name;
    mysql_option option;
  };
  static constexpr std::array<Text, 8> kTexts{{{"ssl-ca", MYSQL_OPT_SSL_CA},
                                               {"ssl-capath", MYSQL_OPT_SSL_CAPATH},
                                               {"ssl-cert", MYSQL_OPT_SSL_CERT},
                                               {"ssl-key", MYSQL_OPT_SSL_KEY},
                                               {"ssl-cipher", MYSQL_OPT_SSL_CIPHER},
                                               {"ssl-crl", MYSQL_OPT_SSL_CRL},
                                               {"tls-version", MARIADB_OPT_TLS_VERSION},
                                               {"plugin-dir", MYSQL_PLUGIN_DIR}}};
  for (const auto& text : kTexts) {
    if (text.name == name) mysql_optionsv(handle, text.option, value.c_str());
  }
  if (name == "compress" && (value == "true" || value == "1"))
    mysql_optionsv(handle, MYSQL_OPT_COMPRESS, nullptr);
}

void set_options(MYSQL* handle, const std::map<std::string, std::string>& options) {
  // First: it forgets the certificates.
  const auto mode = options.find("ssl-mode");
  if (mode != options.end()) set_tls_mode(handle, mode->second);
  const bool plain = mode != options.end() && mode->second == "disabled";
  for (const auto& [name, value] : options) {
    if (!plain || !name.starts_with("ssl-")) set_option(handle, name, value);
  }
}

unsigned int seconds_of(const Target& target) {
  const auto given = target.options.find("connect-timeout");
  return given == target.options.end() ? 0U : static_cast<unsigned int>(std::stoul(given->second));
}

/// A file is never read for a server: it gets what a load of ours offers, or nothing.
int open_local(void** out, const char* /*name*/, void* file) {
  *out = file;
  return static_cast<LocalFile*>(file)->offered ? 0 : 1;
}
int read_local(void* file, char* out, unsigned int most) {
  auto& bytes = static_cast<LocalFile*>(file)->bytes;
  const auto size = std::min<std::size_t>(most, bytes.size());
  std::memcpy(out, bytes.data(), size);
  bytes.remove_prefix(size);
  return static_cast<int>(size);
}
void close_local(void* /*file*/) {}
int explain_local(void* /*file*/, char* out, unsigned int most) {
  const std::string_view words =
      "files of the client are not read: LOAD DATA without LOCAL, or INSERT";
  const auto size = std::min<std::size_t>(words.size(), most > 0 ? most - 1 : 0);
  std::memcpy(out, words.data(), size);
  if (most > 0) out[size] = '\0';
  return 2;  // CR_UNKNOWN_ERROR's place; the words are what counts
}

/// Whether the URI sets what an option file may set, too.
bool has_options(const Target& target) {
  return std::any_of(target.options.begin(), target.options.end(),
                     [](const auto& option) { return !option.first.starts_with("defaults-"); });
}

/// The library reads option files when it connects, and over what was set before: where the URI is
/// to win, it is first sent to a place where nobody answers.
void read_option_files(MYSQL* handle, const Target& target) {
  const auto file = target.options.find("defaults-file");
  const auto group = target.options.find("defaults-group");
  if (file != target.options.end())
    mysql_optionsv(handle, MYSQL_READ_DEFAULT_FILE, file->second.c_str());
  mysql_optionsv(handle, MYSQL_READ_DEFAULT_GROUP,
                 group == target.options.end() ? "quern" : group->second.c_str());
  if (!has_options(target)) return;
  constexpr unsigned int kNobodysPort = 1;  // of TCP, which a file may ask for
  mysql_real_connect(handle, "localhost", "nobody", "", nullptr, kNobodysPort, "/dev/null",
                     CLIENT_REMEMBER_OPTIONS);
}

/// Connects. Option files first, so that the URI wins over them.
ConnectionHandle connect_to(const Target& target, unsigned int most_seconds, Problem& problem) {
  ConnectionHandle handle(mysql_init(nullptr));
  if (handle == nullptr) throw std::bad_alloc();
  read_option_files(handle.get(), target);
  set_options(handle.get(), target.options);
  mysql_optionsv(handle.get(), MYSQL_SET_CHARSET_NAME, "utf8mb4");
  mysql_optionsv(handle.get(), MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "quern");
  const unsigned int allowed = 1;
  mysql_optionsv(handle.get(), MYSQL_OPT_LOCAL_INFILE, &allowed);
  if (most_seconds > 0) mysql_optionsv(handle.get(), MYSQL_OPT_CONNECT_TIMEOUT, &most_seconds);
  const auto* connected =
      mysql_real_connect(handle.get(), or_null(target.host), or_null(target.user),
                         target.has_password ? target.password.c_str() : nullptr,
                         or_null(target.database), target.port, or_null(target.socket), 0);
  if (connected != nullptr && mysql_set_character_set(handle.get(), "utf8mb4") == 0) return handle;
  problem = problem_of(handle.get());
  return nullptr;
}

}  // namespace

Result<std::shared_ptr<Session>> Session::open(const Target& target) {
  std::shared_ptr<Session> session(new Session(target));
  QUERN_CHECK(session->connect());
  return session;
}

Result<void> Session::connect() {
  Problem problem;
  auto handle = connect_to(target_, seconds_of(target_), problem);
  if (handle == nullptr) {
    auto d = diagnose(problem, Stage::running, {});
    d.code = Code::cannot_open;
    return d;
  }
  {
    const std::scoped_lock held(cancel_lock_);
    handle_ = std::move(handle);
    number_.store(mysql_thread_id(handle_.get()));
  }
  mysql_set_local_infile_handler(handle_.get(), open_local, read_local, close_local, explain_local,
                                 &local_file_);
  lost_ = false;
  last_call_ = std::chrono::steady_clock::now();
  return settle();
}

Result<void> Session::settle() {
  QUERN_TRY(const auto rows, ask("SELECT VERSION()"));
  const auto& version = rows.at(0).at(0);
  const bool mariadb = version.find("MariaDB") != std::string::npos;
  engine_ = (mariadb ? "MariaDB " : "MySQL ") + version.substr(0, version.find('-'));
  return keep_escapes();
}

Result<void> Session::keep_escapes() {
  unsigned int status = 0;
  mariadb_get_infov(handle(), MARIADB_CONNECTION_SERVER_STATUS, &status);
  if ((status & SERVER_STATUS_NO_BACKSLASH_ESCAPES) == 0) return {};
  QUERN_CHECK(command("SET SESSION sql_mode = REPLACE(@@sql_mode, 'NO_BACKSLASH_ESCAPES', '')"));
  add_warning("mysql: NO_BACKSLASH_ESCAPES was taken out of the session's sql_mode",
              "Quern writes literals with backslash escapes; write \\\\ for a backslash");
  return {};
}

Result<void> Session::reconnect() {
  auto connected = connect();
  if (!connected) return connected;
  if (std::exchange(had_transaction_, false)) {
    return Diagnostic{Code::database_error,
                      "mysql: the connection was lost, and the transaction that was open with it",
                      SourceSpan::none(), "the session has a new connection: begin again"};
  }
  Diagnostic d;
  d.severity = Severity::warning;
  d.message =
      "mysql: the connection was lost and opened anew: temporary tables and settings of the "
      "session are gone";
  news_.push_back(std::move(d));
  return {};
}

Result<void> Session::begin_call() {
  ++call_;
  // A request that came between two calls of a statement is for the later one.
  if (cancelled()) return cancelled_diagnostic();
  if (running_.statement || running_.rows) end_stream();
  // Before the server is asked, with whose answer it may be lost.
  if (!lost_) had_transaction_ = in_transaction();
  const auto now = std::chrono::steady_clock::now();
  if (now - std::exchange(last_call_, now) > kIdle && mysql_ping(handle()) != 0) lost_ = true;
  if (lost_) return reconnect();
  // A KILL that came too late for its statement hits this one.
  if (stray_kill_.exchange(false)) (void)command("DO 0");
  return {};
}

void Session::end_stream() {
  if (!lost_) kill_query();
  running_ = {};  // reads the rest
  if (!lost_) (void)command("DO 0");
}

void Session::kill_query() noexcept {
  std::ignore = guarded([&]() -> Result<void> {
    const std::scoped_lock held(cancel_lock_);
    Problem problem;
    const auto beside = connect_to(target_, kPatience, problem);
    if (beside == nullptr) return {};
    const auto sql = "KILL QUERY " + std::to_string(number_.load());
    mysql_real_query(beside.get(), sql.data(), sql.size());
    return {};
  });
}

void Session::cancel() noexcept {
  cancelled_.store(true);
  stray_kill_.store(true);
  kill_query();
}

void Session::resume() noexcept {
  try {
    const std::scoped_lock held(cancel_lock_);  // until a KILL that is on its way has been sent
    cancelled_.store(false);
  } catch (const std::exception&) {
    cancelled_.store(false);
  }
}

bool Session::in_transaction() const {
  if (lost_) return had_transaction_;  // the library forgets with the connection
  unsigned int status = 0;
  mariadb_get_infov(handle(), MARIADB_CONNECTION_SERVER_STATUS, &status);
  return (status & SERVER_STATUS_IN_TRANS) != 0;
}

Diagnostic Session::failure(const Problem& problem, Stage stage, std::string_view text) {
  if (is_lost(problem)) lost_ = true;
  if (is_interrupt(problem) && cancelled()) return cancelled_diagnostic();
  return diagnose(problem, stage, text);
}

Result<void> Session::command(const std::string& sql, std::string_view text, Stage stage) {
  if (mysql_real_query(handle(), sql.data(), sql.size()) != 0)
    return failure(problem_of(handle()), stage, text);
  const ResultHandle rows(mysql_use_result(handle()));
  return {};
}

Result<TextRows> Session::ask(const std::string& sql) {
  if (mysql_real_query(handle(), sql.data(), sql.size()) != 0)
    return failure(problem_of(handle()), Stage::running, {});
  const ResultHandle result(mysql_store_result(handle()));
  if (result == nullptr) {
    if (mysql_errno(handle()) != 0) return failure(problem_of(handle()), Stage::running, {});
    return TextRows();
  }
  TextRows rows;
  const auto columns = mysql_num_fields(result.get());
  while (const auto row = mysql_fetch_row(result.get())) {
    const auto* lengths = mysql_fetch_lengths(result.get());
    auto& out = rows.emplace_back();
    for (unsigned int i = 0; i < columns; ++i) {
      out.push_back(row[i] == nullptr ? std::string() : std::string(row[i], lengths[i]));
    }
  }
  return rows;
}

std::string Session::quoted(std::string_view text) const {
  std::string out(2 * text.size() + 1, '\0');
  out.resize(mysql_real_escape_string(handle(), out.data(), text.data(), text.size()));
  return "'" + out + "'";
}

void Session::add_warning(const std::string& message, const std::string& hint) {
  Diagnostic d;
  d.severity = Severity::warning;
  d.message = message;
  d.hint = hint;
  notices_.push_back(std::move(d));
}

void Session::gather_warnings() {
  const auto count = mysql_warning_count(handle());
  if (count == 0) return;
  const auto rows = ask("SHOW WARNINGS LIMIT " + std::to_string(kMostWarnings));
  if (!rows) return;
  for (const auto& row : *rows) {
    if (row.size() < 3) continue;
    add_warning("mysql: " + row[2] + " [" + row[1] + "]");
    if (row[0] == "Note") notices_.back().severity = Severity::note;
  }
  if (count > rows->size()) {
    add_warning("mysql: " + std::to_string(count - rows->size()) +
                " more warnings: SHOW WARNINGS tells them");
  }
}

}  // namespace quern::mysql
