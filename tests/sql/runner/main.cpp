// quern_sql_tests CONFIGURATION DATA_FOLDER FILE...: runs .test files, prints what failed and how
// many ran.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>

#include "tests/sql/runner/case_runner.h"

namespace {

using namespace quern::tests;

std::optional<Configuration> configuration(const std::string& name) {
  if (name == "memory") return Configuration{name, "duckdb", "duckdb::memory:"};
  if (name == "file") return Configuration{name, "duckdb", "duckdb:test.duckdb"};
  if (name == "default") return Configuration{name, "duckdb", ""};
  if (name == "sqlite") return Configuration{name, "sqlite", "sqlite:test.db"};
  // Servers that run beside the test: tests/servers/with_servers.py.
  const char* postgres = std::getenv("QUERN_TEST_POSTGRES");
  if (name == "postgres" && postgres != nullptr)
    return Configuration{name, "postgres", postgres, "postgres"};
  const char* mysql = std::getenv("QUERN_TEST_MYSQL");
  if (name == "mysql" && mysql != nullptr) return Configuration{name, "mysql", mysql, "mysql"};
  return std::nullopt;
}

bool is_for(const Case& test, const std::string& engine) {
  return std::find(test.engines.begin(), test.engines.end(), engine) != test.engines.end();
}

struct Count {
  int passed = 0;
  int failed = 0;
};

void run_file(const std::filesystem::path& path, CaseRunner& runner, Count& count) {
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  std::string malformed;
  const auto cases = parse_test_file(text, malformed);
  if (!malformed.empty() || cases.empty()) {
    std::printf("FAILED %s:%s\n", path.c_str(),
                malformed.empty() ? "1: no cases" : malformed.c_str());
    ++count.failed;
  }
  for (const auto& test : cases) {
    if (!is_for(test, runner.engine())) continue;
    const auto wrong = runner.run(test);
    wrong.empty() ? ++count.passed : ++count.failed;
    if (!wrong.empty()) {
      std::printf("FAILED %s (%s)\n  rule: %s\n  %s:%s\n", test.name.c_str(),
                  path.filename().c_str(), test.rule.c_str(), path.c_str(), wrong.c_str());
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto chosen = argc > 3 ? configuration(argv[1]) : std::nullopt;
  if (!chosen) {
    std::fputs("usage: quern_sql_tests memory|file|default|sqlite|mysql DATA_FOLDER FILE...\n",
               stderr);
    return 2;
  }
  setenv("OMP_WAIT_POLICY", "passive", 0);
  CaseRunner runner(*chosen, std::filesystem::absolute(argv[2]));
  Count count;
  for (int i = 3; i < argc; ++i) run_file(std::filesystem::absolute(argv[i]), runner, count);
  std::printf("%d cases passed, %d failed\n", count.passed, count.failed);
  return count.failed == 0 ? 0 : 1;
}
