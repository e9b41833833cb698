// The program: arguments, the session, and one of three ways to feed it (text, files, prompt).

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <clocale>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/quern.hpp"
#include "cli/console.h"
#include "cli/interrupt.h"
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
  int threads = 0;
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

void complain(const Diagnostic& problem) { std::fputs(render(problem, "", "").c_str(), stderr); }

/// -e texts first, then -f files, then the others, each in the order given.
std::optional<std::vector<Script>> gather(const Options& options) {
  std::vector<Script> scripts;
  for (const auto& text : options.statements) scripts.push_back({"<command line>", text});
  auto files = options.files;
  files.insert(files.end(), options.scripts.begin(), options.scripts.end());
  for (const auto& file : files) {
    auto script = read_file(file);
    if (!script) {
      complain({Code::cannot_read_file, "cannot read file: " + file});
      return std::nullopt;
    }
    scripts.push_back(*std::move(script));
  }
  if (scripts.empty() && isatty(STDIN_FILENO) == 0)
    scripts.push_back({"<stdin>", read_all(std::cin)});
  return scripts;
}

int run_scripts(Session& session, Console& console, const std::vector<Script>& scripts,
                InterruptWatch& interrupts) {
  interrupts.on_interrupt([&] { session.cancel(); });
  int status = kAllDone;
  for (const auto& script : scripts) {
    console.set_source(script.text, script.name);
    if (session.run(script.text, console)) continue;
    status = kStatementFailed;
    break;
  }
  interrupts.on_interrupt(nullptr);
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return status;
  std::fputs("error: cannot write the output\n", stderr);
  return kStatementFailed;
}

int run(const Options& options) {
  const auto scripts = gather(options);
  if (!scripts) return kUsage;
  InterruptWatch interrupts;
  auto session = Session::open({.uri = options.database, .threads = options.threads});
  if (!session) {
    for (const auto& problem : session.errors()) complain(problem);
    return kStatementFailed;
  }
  Console console(options.format);
  if (scripts->empty()) return run_prompt(*session, console, interrupts);
  return run_scripts(*session, console, *scripts, interrupts);
}

void declare(CLI::App& app, Options& options) {
  app.add_option("--db", options.database,
                 "database: duckdb:PATH or duckdb::memory:; default: quern.duckdb here,\n"
                 "created by the first statement that writes")
      ->type_name("URI");
  app.add_option("-e,--execute", options.statements, "run this text")
      ->type_name("SQL")
      ->allow_extra_args(false);
  app.add_option("-f,--file", options.files, "run this file; - is the standard input")
      ->type_name("FILE")
      ->allow_extra_args(false);
  const std::map<std::string, Format> formats{{"table", Format::table}, {"csv", Format::csv}};
  app.add_option("--format", options.format, "rows as table (default) or csv")
      ->transform(CLI::CheckedTransformer(formats, CLI::ignore_case).description(""))
      ->type_name("NAME");
  app.add_flag_callback(
      "--csv", [&] { options.format = Format::csv; }, "the same as --format csv");
  app.add_option("--threads", options.threads, "threads of the database")
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
