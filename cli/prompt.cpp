// Reading lines; editing and completion come with the terminal's own means in this version.

#include "cli/prompt.h"

#include <atomic>
#include <cstdio>
#include <iostream>
#include <string>

namespace quern::cli {
namespace {

void ask(bool first) {
  std::fputs(first ? "quern> " : "   ..> ", stdout);
  std::fflush(stdout);
}

void print_help() {
  std::puts("End a statement with ; to run it. Ctrl-C stops a statement, \\q or Ctrl-D leaves.");
  std::puts("  SELECT * FROM 'iris.csv' TO TRAIN xgboost.gbtree LABEL species INTO iris_model;");
  std::puts("  SELECT * FROM 'iris.csv' TO PREDICT USING iris_model;");
  std::puts("  SHOW MODELS;");
  std::puts("  \\set name value    then :name, :'name' or :\"name\" in statements");
  std::puts("  \\i file            runs the statements of a file");
}

}  // namespace

int run_prompt(Session& session, Reporter& reporter, InterruptWatch& interrupts) {
  std::printf("quern %s on %s. \\? for help.\n", library_version(), session.engine().c_str());
  std::atomic<bool> running = false;
  std::atomic<bool> discard = false;
  interrupts.on_interrupt([&] {
    if (running) return session.cancel();
    discard = true;  // the terminal has thrown away the line being typed
    std::fputs("\n", stdout);
    ask(true);
  });
  std::string pending, line;
  ask(true);
  while (std::getline(std::cin, line)) {
    if (discard.exchange(false)) pending.clear();
    if (pending.empty() && (line == "\\q" || line == "quit" || line == "exit")) break;
    if (pending.empty() && line == "\\?") {
      print_help();
    } else {
      pending += line + "\n";
      const bool command = pending.starts_with('\\');  // ends with its line
      if (command || !session.needs_more_input(pending)) {
        running = true;
        session.run(pending, reporter, {.name = "<input>"});
        running = false;
        pending.clear();
      }
    }
    ask(pending.empty());
  }
  interrupts.on_interrupt(nullptr);
  std::fputs("\n", stdout);
  return 0;
}

}  // namespace quern::cli
