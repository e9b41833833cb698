// Steps of a case against a session.

#include "tests/sql/runner/case_runner.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <stdexcept>

#include "base/format.h"

namespace quern::tests {
namespace {

namespace fs = std::filesystem;

/// All that a script said.
class Recorder final : public Observer {
 public:
  void on_batch(const ColumnBatch& batch) override {
    for (std::int64_t r = 0; r < batch.rows; ++r) {
      std::string row;
      for (std::size_t c = 0; c < batch.columns.size(); ++c) {
        row += (c ? "\t" : "") + format_value(batch.columns[c], r);
      }
      rows.push_back(std::move(row));
    }
  }
  void on_done(const Done& done) override { message = done.message; }
  void on_diagnostic(const Diagnostic& problem) override { problems.push_back(problem); }

  std::string rendered(const std::string& text) const {
    std::string out;
    for (const auto& problem : problems) out += render(problem, text, "test");
    return out;
  }

  std::vector<std::string> rows;
  std::string message;
  Diagnostics problems;
};

std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += "    " + line + "\n";
  return out;
}

std::vector<std::string> split_tabs(const std::string& row) {
  std::vector<std::string> out(1);
  for (const char c : row) {
    if (c == '\t')
      out.emplace_back();
    else
      out.back() += c;
  }
  return out;
}

bool same_value(const std::string& a, const std::string& b, double tolerance) {
  if (a == b) return true;
  if (tolerance == 0 || a.empty() || b.empty()) return false;
  char* end_a = nullptr;
  char* end_b = nullptr;
  const double x = std::strtod(a.c_str(), &end_a);
  const double y = std::strtod(b.c_str(), &end_b);
  if (*end_a != 0 || *end_b != 0) return false;
  return std::abs(x - y) <= tolerance * std::max({1.0, std::abs(x), std::abs(y)});
}

bool same_row(const std::string& a, const std::string& b, double tolerance) {
  const auto x = split_tabs(a), y = split_tabs(b);
  return x.size() == y.size() &&
         std::equal(x.begin(), x.end(), y.begin(),
                    [&](const auto& p, const auto& q) { return same_value(p, q, tolerance); });
}

std::string check_error(const Step& step, const Recorder& heard, bool ended_well) {
  const auto said = heard.rendered(step.body);
  if (ended_well) return "should fail with " + step.argument + ", but ended well\n" + said;
  const auto wanted = step.words.empty() ? "" : step.words[0];
  const auto under =
      step.argument.size() > wanted.size() ? step.argument.substr(wanted.size() + 1) : "";
  for (const auto& problem : heard.problems) {
    if (code_number(problem.code) != wanted) continue;
    const auto text =
        problem.span.known() ? step.body.substr(problem.span.begin, problem.span.size()) : "";
    if (!under.empty() && text != under) continue;
    for (const auto& line : step.expected) {
      if (said.find(line) == std::string::npos) return "does not say: " + line + "\n" + said;
    }
    return "";
  }
  return "should fail with " + step.argument + ", but said\n" + said;
}

std::string check_said(const Step& step, const Recorder& heard) {
  const auto& wanted = step.argument;
  if (step.verb == Verb::done && heard.message.find(wanted) == std::string::npos) {
    return "should end with " + wanted + ", but ended with " + heard.message;
  }
  const auto said = heard.rendered(step.body);
  if (step.verb == Verb::note && said.find(wanted) == std::string::npos) {
    return "should note " + wanted + ", but said\n" + said;
  }
  const bool warned = std::any_of(heard.problems.begin(), heard.problems.end(),
                                  [](const auto& p) { return p.severity == Severity::warning; });
  if (step.verb == Verb::quiet && warned) return "should warn of nothing, but said\n" + said;
  return "";
}

struct QueryOptions {
  bool sort = false;
  bool contains = false;  ///< other rows may come between
  double tolerance = 0;
};

QueryOptions query_options(const Step& step) {
  QueryOptions out;
  for (const auto& word : step.words) {
    if (word == "rowsort")
      out.sort = true;
    else if (word == "contains")
      out.contains = true;
    else if (word.starts_with("approx="))
      out.tolerance = std::stod(word.substr(7));
    else
      throw std::runtime_error("unknown option of query: " + word);
  }
  return out;
}

/// The first of `expected` that is not among `rows`, behind those before it; "" when all are.
std::string missing_row(const std::vector<std::string>& expected,
                        const std::vector<std::string>& rows, double tolerance) {
  auto at = rows.begin();
  for (const auto& row : expected) {
    at = std::find_if(at, rows.end(),
                      [&](const auto& found) { return same_row(row, found, tolerance); });
    if (at == rows.end()) return row;
  }
  return "";
}

/// A folder that goes when it is done with; the process works in it meanwhile.
class WorkFolder {
 public:
  explicit WorkFolder(const fs::path& data) : before_(fs::current_path()) {
    auto pattern = (fs::temp_directory_path() / "quern-test.XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr)
      throw std::runtime_error("cannot make a folder in " + pattern);
    path_ = pattern;
    fs::create_directory_symlink(data, path_ / "data");
    fs::current_path(path_);
  }
  ~WorkFolder() {
    std::error_code ignored;
    fs::current_path(before_, ignored);
    fs::remove_all(path_, ignored);
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;

 private:
  fs::path before_, path_;
};

}  // namespace

CaseRunner::CaseRunner(Configuration configuration, fs::path data)
    : configuration_(std::move(configuration)), data_(std::move(data)) {}

std::string CaseRunner::run(const Case& test) {
  const WorkFolder folder(data_);
  std::string wrong;
  try {
    wrong = run_steps(test);
  } catch (const std::exception& e) {
    wrong = std::to_string(test.line) + ": " + e.what();
  }
  sessions_.clear();
  return wrong;
}

std::string CaseRunner::run_steps(const Case& test) {
  if (auto wrong = make_database(); !wrong.empty()) return wrong;
  if (auto wrong = open("main"); !wrong.empty()) return wrong;
  for (const auto& step : test.steps) {
    auto wrong = run_step(step);
    if (!wrong.empty()) return std::to_string(step.line) + ": " + wrong;
  }
  return "";
}

/// On a server, which lasts longer than a case.
std::string CaseRunner::make_database() {
  uri_ = configuration_.uri;
  if (configuration_.database.empty()) return "";
  const auto name = "case_" + std::to_string(++cases_);
  auto opened = Session::open({.uri = uri_});
  if (!opened) return "cannot open: " + opened.errors().front().message;
  Recorder heard;
  const std::string sql = "CREATE DATABASE " + name;
  if (!opened->run(sql, heard)) return "no database\n" + heard.rendered(sql);
  const auto named = "/" + configuration_.database + "?";
  uri_.replace(uri_.find(named), named.size(), "/" + name + "?");
  return "";
}

std::string CaseRunner::open(const std::string& name) {
  current_ = name;
  auto& session = sessions_[name];
  if (session) return "";
  auto opened = Session::open({.uri = uri_});
  if (!opened) return "cannot open: " + opened.errors().front().message;
  session = std::make_unique<Session>(*std::move(opened));
  return "";
}

std::string CaseRunner::run_step(const Step& step) {
  switch (step.verb) {
    case Verb::reopen: sessions_.clear(); return open("main");
    case Verb::session: return open(step.argument);
    case Verb::file: std::ofstream(step.argument) << step.body; return "";
    case Verb::query: return run_query(step);
    default: return run_statement(step);
  }
}

std::string CaseRunner::run_statement(const Step& step) {
  Recorder heard;
  const bool ended_well = sessions_[current_]->run(step.body, heard);
  if (step.verb == Verb::error) return check_error(step, heard, ended_well);
  if (!ended_well) return "should end well, but said\n" + heard.rendered(step.body);
  return check_said(step, heard);
}

std::string CaseRunner::run_query(const Step& step) {
  const auto options = query_options(step);
  Recorder heard;
  if (!sessions_[current_]->run(step.body, heard))
    return "the query fails\n" + heard.rendered(step.body);
  auto expected = step.expected;
  if (options.contains) {
    const auto missing = missing_row(expected, heard.rows, options.tolerance);
    if (missing.empty()) return "";
    return "expected the row\n" + joined({missing}) + "  but got\n" + joined(heard.rows);
  }
  if (options.sort) {
    std::sort(expected.begin(), expected.end());
    std::sort(heard.rows.begin(), heard.rows.end());
  }
  const bool same =
      std::equal(expected.begin(), expected.end(), heard.rows.begin(), heard.rows.end(),
                 [&](const auto& a, const auto& b) { return same_row(a, b, options.tolerance); });
  if (same) return "";
  return "expected\n" + joined(expected) + "  but got\n" + joined(heard.rows);
}

}  // namespace quern::tests
