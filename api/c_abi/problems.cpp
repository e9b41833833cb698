// Problems for C, and what is said where even memory for them is wanting.

#include "api/c_abi/problems.h"

#include <algorithm>

namespace quern::c_abi {

std::string c_text(std::string_view text) {
  std::string out(text);
  std::replace(out.begin(), out.end(), '\0', ' ');
  return out;
}

int32_t severity_of(Severity severity) {
  switch (severity) {
    case Severity::error: return QUERN_ERROR;
    case Severity::warning: return QUERN_WARNING;
    case Severity::note: return QUERN_NOTE;
  }
  return QUERN_ERROR;
}

Problem::Problem(const Diagnostic& problem, const SourceText& source)
    : message_(c_text(problem.message)),
      hint_(c_text(problem.hint)),
      source_(c_text(source.name)),
      rendered_(c_text(render(problem, source.text, source.name))) {
  if (problem.severity != Severity::note) {
    code_ = code_number(problem.code);
    title_ = code_title(problem.code);
  }
  for (const auto& note : problem.notes) {
    const auto& text = note_texts_.emplace_back(c_text(note.message));
    pointers_.push_back(&notes_.emplace_back(quern_problem_note{
        sizeof(quern_problem_note), note.span.begin, note.span.end, text.c_str()}));
  }
  view_ = {.size = sizeof(quern_problem),
           .severity = severity_of(problem.severity),
           .code = code_.c_str(),
           .title = title_.c_str(),
           .message = message_.c_str(),
           .hint = hint_.c_str(),
           .begin = problem.span.begin,
           .end = problem.span.end,
           .source = source_.c_str(),
           .notes = pointers_.size(),
           .note = pointers_.data(),
           .rendered = rendered_.c_str()};
}

int fail(quern_problems** out, const Diagnostics& problems, const SourceText& source) noexcept {
  if (out == nullptr) return QUERN_FAILED;
  try {
    auto list = std::make_unique<quern_problems>();
    for (const auto& problem : problems) list->add(problem, source);
    if (problems.empty()) list->add({Code::out_of_memory, "out of memory"}, source);
    *out = list.release();
  } catch (const std::exception&) {
    *out = nullptr;
  }
  return QUERN_FAILED;
}

Diagnostic missing(const char* what) {
  return {Code::bad_api_call, std::string("the call passes NULL for ") + what};
}

}  // namespace quern::c_abi

void quern_problems::add(const quern::Diagnostic& problem, const quern::c_abi::SourceText& source) {
  list.push_back(std::make_unique<const quern::c_abi::Problem>(problem, source));
  text += list.back()->view().rendered;
}

size_t quern_problems_count(const quern_problems* problems) {
  return problems == nullptr ? 0 : problems->list.size();
}

const quern_problem* quern_problems_at(const quern_problems* problems, size_t index) {
  if (index >= quern_problems_count(problems)) return nullptr;
  return &problems->list[index]->view();
}

const char* quern_problems_text(const quern_problems* problems) {
  return problems == nullptr ? "" : problems->text.c_str();
}

void quern_problems_free(quern_problems* problems) { delete problems; }
