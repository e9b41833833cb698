// Spans on their way out.

#include "api/script_observer.h"

#include <algorithm>

#include "base/secrets.h"

namespace quern {
namespace {

std::size_t line_of(const Source& source, SourceSpan span) {
  const auto before = std::string_view(source.text).substr(0, span.begin);
  return 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
}

}  // namespace

ScriptObserver::ScriptObserver(const Script& script, Observer& observer)
    : script_(script), observer_(observer) {
  observer_.on_source(script_.sources[0].name, script_.sources[0].text);
}

void ScriptObserver::enter(std::size_t source) {
  if (source == source_) return;
  source_ = source;
  observer_.on_source(script_.sources[source].name, script_.sources[source].text);
}

void ScriptObserver::report_problems() {
  for (const auto& [source, problem] : script_.problems) {
    enter(source);
    observer_.on_diagnostic(mask_passwords(problem, script_.sources[source].text));
  }
}

void ScriptObserver::echo_until(std::size_t offset) {
  const auto& echoes = script_.echoes;
  for (; echoed_ < echoes.size() && echoes[echoed_].before <= offset; ++echoed_) {
    observer_.on_echo(echoes[echoed_].words);
  }
}

bool ScriptObserver::commands_until(std::size_t offset) {
  const auto& commands = script_.commands;
  for (; told_ < commands.size() && commands[told_].before <= offset; ++told_) {
    const auto& command = commands[told_];
    echo_until(command.before);
    enter(command.source);
    auto done = on_command(command.name, command.words);
    if (done) continue;
    ++told_;
    for (auto error : done.errors()) {
      error.span = command.span;
      observer_.on_diagnostic(mask_passwords(error, script_.sources[command.source].text));
    }
    return false;
  }
  return true;
}

std::string ScriptObserver::place_of(SourceSpan span) const {
  const auto place = script_.map.place(span);
  const auto& source = script_.sources[place.source];
  const auto line = std::to_string(line_of(source, place.span));
  return place.source == 0 ? "line " + line : source.name + ":" + line;
}

void ScriptObserver::on_statement(const StatementStart& start) {
  echo_until(start.span.begin);
  const auto place = script_.map.place(start.span);
  enter(place.source);
  statement_ = std::string_view(script_.sources[place.source].text)
                   .substr(place.span.begin, place.span.size());
  observer_.on_statement({start.number, place.span});
}

void ScriptObserver::on_done(const Done& done) {
  auto shown = done;
  shown.message = mask_passwords(done.message);
  observer_.on_done(shown);
}

Note ScriptObserver::placed(Note note, std::size_t source) const {
  if (!note.span.known()) return note;
  const auto place = script_.map.place(note.span);
  if (place.source == source) return {place.span, note.message};
  return {SourceSpan::none(), note.message + " (" + place_of(note.span) + ")"};
}

void ScriptObserver::on_diagnostic(const Diagnostic& problem) {
  auto moved = mask_passwords(problem, statement_);
  if (!problem.span.known()) return observer_.on_diagnostic(moved);
  const auto place = script_.map.place(problem.span);
  moved.span = place.span;
  for (auto& note : moved.notes) note = placed(std::move(note), place.source);
  enter(place.source);
  observer_.on_diagnostic(moved);
}

}  // namespace quern
