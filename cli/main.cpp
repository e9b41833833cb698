// The program: arguments, the session, and one of three ways to feed it (text, files, prompt).

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <clocale>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/quern.hpp"
#include "cli/console.h"
#include "cli/interrupt.h"
#include "cli/json_log.h"
#include "cli/output_file.h"
#include "cli/prompt.h"

namespace quern::cli {
namespace {

constexpr int kAllDone = 0;
constexpr int kStatementFailed = 1;
constexpr int kUsage = 2;

struct Options {
  std::string database;
  std::vector<std::string> statements;
  std::vector<std::string> files;
  std::vector<std::string>
      scripts;  ///< files without -f; an option of CLI11 overwrites its variable
  Format format = Format::table;
  std::string output;  ///< file for the rows; "": the standard output
  int threads = 0;
  bool json_log = false;
  std::vector<std::string> variables;  ///< "name=value"
  RunOptions run;
};

/// A piece of SQL and where it came from.
struct Script {
  std::string name;
  std::string text;
};

std::string read_all(std::istream& in) { return {std::istreambuf_iterator<char>(in), {}}; }

std::optional<Script> read_file(const std::string& name) {
  if (name == "-") return Script{"<stdin>", read_all(std::cin)};
  std::ifstream in(name, std::ios::binary);
  // Opening a folder succeeds; reading from it does not.
  if (!in || in.peek() == std::ifstream::traits_type::eof()) {
    if (!in.is_open() || in.bad()) return std::nullopt;
  }
  return Script{name, read_all(in)};
}

void complain(const Diagnostic& about, const Options& options) {
  const auto problem = mask_passwords(about, "");  // a database in the place of a file
  if (options.json_log) return log_problem(problem);
  std::fputs(render(problem, "", "").c_str(), stderr);
}

/// -e texts first, then -f files, then the others, each in the order given.
std::optional<std::vector<Script>> gather(const Options& options) {
  std::vector<Script> scripts;
  for (const auto& text : options.statements) scripts.push_back({"<command line>", text});
  auto files = options.files;
  files.insert(files.end(), options.scripts.begin(), options.scripts.end());
  for (const auto& file : files) {
    auto script = read_file(file);
    if (!script) {
      complain({Code::cannot_read_file, "cannot read file: " + file}, options);
      return std::nullopt;
    }
    scripts.push_back(*std::move(script));
  }
  // A log for programs has no use for a prompt.
  if (scripts.empty() && (options.json_log || isatty(STDIN_FILENO) == 0))
    scripts.push_back({"<stdin>", read_all(std::cin)});
  return scripts;
}

void add(RunSummary& sum, const RunSummary& more) {
  sum.statements += more.statements;
  sum.failed += more.failed;
  sum.not_checked += more.not_checked;
  sum.problems += more.problems;
}

/// One script after the other. With keep_going those behind a failed one too, unless Ctrl-C ended
/// it.
int run_scripts(Session& session, Reporter& reporter, const std::vector<Script>& scripts,
                const Options& options, InterruptWatch& interrupts) {
  std::atomic<bool> interrupted = false;
  interrupts.on_interrupt([&] {
    interrupted = true;
    session.cancel();
  });
  RunSummary sum;
  for (const auto& script : scripts) {
    if (interrupted) break;
    auto how = options.run;
    how.name = script.name;
    how.view_commands = true;
    add(sum, session.run(script.text, reporter, how));
    if (!sum.ok() && !options.run.keep_going && !options.run.dry_run) break;
  }
  interrupts.on_interrupt(nullptr);
  reporter.on_end(sum, options.run);
  return sum.ok() && !interrupted ? kAllDone : kStatementFailed;
}

/// A file takes the rows of a run that went well; what was printed in vain is a failure.
int settle(OutputFile& output, int status, const Options& options) {
  if (status != kAllDone && output.is_file()) return status;
  const auto kept = output.keep();
  if (kept.ok()) return status;
  complain(kept.errors().front(), options);
  return kStatementFailed;
}

std::unique_ptr<Reporter> make_reporter(const Options& options, std::FILE* out) {
  if (options.json_log) return std::make_unique<JsonLog>(options.format, out);
  return std::make_unique<Console>(options.format, out);
}

/// A run that went well keeps what it wrote to files of `\o`.
int keep_output(Reporter& reporter, int status, const Options& options) {
  if (status != kAllDone) return status;
  const auto kept = reporter.keep_output();
  if (kept.ok()) return status;
  complain(kept.errors().front(), options);
  return kStatementFailed;
}

/// Gives the session what `-v` says.
Result<void> set_variables(Session& session, const Options& options) {
  for (const auto& text : options.variables) {
    const auto equal = std::min(text.find('='), text.size());
    QUERN_CHECK(
        session.set_variable(text.substr(0, equal), text.substr(std::min(equal + 1, text.size()))));
  }
  return {};
}

/// Where the desktop's rules want what can be made anew; "" where nobody has a home.
std::string code_cache() {
  const auto folder = [](const char* name, const std::string& below) -> std::string {
    const char* value = std::getenv(name);
    return value == nullptr || *value != '/' ? "" : value + below;
  };
  const auto cache = folder("XDG_CACHE_HOME", "/quern/code");
  return cache.empty() ? folder("HOME", "/.cache/quern/code") : cache;
}

int run(const Options& options) {
  const auto scripts = gather(options);
  if (!scripts) return kUsage;
  auto output = OutputFile::open(options.output);
  if (!output) {
    complain(output.errors().front(), options);
    return kUsage;
  }
  InterruptWatch interrupts;
  const SessionOptions opening{
      .uri = options.database, .threads = options.threads, .code_cache = code_cache()};
  if (scripts->empty() && !options.json_log) {
    PromptConsole console(options.format, output->stream());
    const auto open = [&]() -> Result<Session> {
      QUERN_TRY(auto session, Session::open(opening));
      QUERN_CHECK(set_variables(session, options));
      return session;
    };
    return settle(*output, run_prompt(open, opening, console, interrupts), options);
  }
  auto session = Session::open(opening);
  if (!session) {
    for (const auto& problem : session.errors()) complain(problem, options);
    return kStatementFailed;
  }
  if (const auto set = set_variables(*session, options); !set) {
    complain(set.errors().front(), options);
    return kUsage;
  }
  const auto reporter = make_reporter(options, output->stream());
  int status = run_scripts(*session, *reporter, *scripts, options, interrupts);
  status = keep_output(*reporter, status, options);
  return settle(*output, status, options);
}

void declare(CLI::App& app, Options& options) {
  app.add_option(
         "--db", options.database,
         "database: duckdb:PATH, duckdb::memory: or sqlite:PATH; default: quern.duckdb here,\n"
         "created by the first statement that writes")
      ->type_name("URI");
  app.add_option("-e,--execute", options.statements, "run this text")
      ->type_name("SQL")
      ->allow_extra_args(false);
  app.add_option("-f,--file", options.files, "run this file; - is the standard input")
      ->type_name("FILE")
      ->allow_extra_args(false);
  const std::map<std::string, Format> formats{{"table", Format::table},
                                              {"csv", Format::csv},
                                              {"jsonl", Format::jsonl},
                                              {"markdown", Format::markdown}};
  app.add_option("--format", options.format, "rows as table (default), csv, jsonl or markdown")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case).description(""))
      ->type_name("NAME");
  app.add_flag_callback(
      "--csv", [&] { options.format = Format::csv; }, "the same as --format csv");
  app.add_option("-o,--output", options.output,
                 "write the rows to this file, which is replaced when all went well")
      ->type_name("FILE");
  app.add_option("-v,--variable", options.variables,
                 "the value of :NAME, :'NAME' and :\"NAME\" in the statements")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  app.add_flag("--keep-going", options.run.keep_going,
               "run later statements after a failed one; the status is 1 all the same");
  app.add_flag("--dry-run", options.run.dry_run,
               "check every statement against the database and run none");
  app.add_option_function<std::string>(
         "--log", [&](const std::string& form) { options.json_log = form == "json"; },
         "on standard error: text (default), or json, one object a line")
      ->check(CLI::IsMember({"text", "json"}).description(""))
      ->type_name("FORM");
  app.add_option("--threads", options.threads, "threads of the database and of trainings")
      ->type_name("N")
      ->check(CLI::Range(1, 1024).description(""));
  app.add_option("script", options.scripts, "files, as with -f, and after those")
      ->type_name("FILE");
  app.set_version_flag("--version", std::string("quern ") + library_version());
  app.footer(
      "Without -e, -f or FILE, statements are read from the standard input, with a prompt on a "
      "terminal.\n"
      "Exit status: 0 all done, 1 a statement failed, 2 usage.");
}

}  // namespace

int program(int argc, char** argv) {
  std::setlocale(LC_CTYPE, "");
  // A file beyond the limit of its size is an error like a full disk, not the end.
  (void)std::signal(SIGXFSZ, SIG_IGN);
  // OpenMP reads this when the training library is loaded; active waiting ruins busy machines.
  setenv("OMP_WAIT_POLICY", "passive", 0);
  Options options;
  CLI::App app("SQL that trains, predicts and explains, on your own database.", "quern");
  declare(app, options);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? kAllDone : kUsage;
  }
  return run(options);
}

}  // namespace quern::cli

int main(int argc, char** argv) { return quern::cli::program(argc, argv); }
