#pragma once
// Runs one case of a .test file in a fresh folder and a fresh database.

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "api/quern.hpp"
#include "tests/sql/runner/test_file.h"

namespace quern::tests {

/// The ways to run every file.
struct Configuration {
  std::string name;    ///< memory, file, sqlite, ...
  std::string engine;  ///< as `engines` in a file calls it
  std::string uri;     ///< of each session; the case's folder is the current one
  /// The database that the URI names, of a server: each case has one of its own in its place.
  std::string database = {};
};

class CaseRunner {
 public:
  /// \param data the folder that a case sees as `data`.
  CaseRunner(Configuration configuration, std::filesystem::path data);

  /// Returns what went wrong, "LINE: text", or "".
  std::string run(const Case& test);
  const std::string& engine() const { return configuration_.engine; }

 private:
  std::string run_steps(const Case& test);
  std::string run_step(const Step& step);
  std::string run_statement(const Step& step);
  std::string run_query(const Step& step);
  std::string open(const std::string& name);
  std::string make_database();

  Configuration configuration_;
  std::string uri_;  ///< of the case's sessions
  int cases_ = 0;    ///< that had a database of their own
  std::filesystem::path data_;
  std::map<std::string, std::unique_ptr<Session>> sessions_;
  std::string current_;
};

}  // namespace quern::tests
