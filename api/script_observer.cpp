// Spans on their way out.

#include "api/script_observer.h"

#include <algorithm>

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
    observer_.on_diagnostic(problem);
  }
}

void ScriptObserver::echo_until(std::size_t offset) {
  const auto& echoes = script_.echoes;
  for (; echoed_ < echoes.size() && echoes[echoed_].before <= offset; ++echoed_) {
    observer_.on_echo(echoes[echoed_].words);
  }
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
  observer_.on_statement({start.number, place.span});
}

Note ScriptObserver::placed(Note note, std::size_t source) const {
  if (!note.span.known()) return note;
  const auto place = script_.map.place(note.span);
  if (place.source == source) return {place.span, note.message};
  return {SourceSpan::none(), note.message + " (" + place_of(note.span) + ")"};
}

void ScriptObserver::on_diagnostic(const Diagnostic& problem) {
  if (!problem.span.known()) return observer_.on_diagnostic(problem);
  auto moved = problem;
  const auto place = script_.map.place(problem.span);
  moved.span = place.span;
  for (auto& note : moved.notes) note = placed(std::move(note), place.source);
  enter(place.source);
  observer_.on_diagnostic(moved);
}

}  // namespace quern
