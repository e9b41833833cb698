// What could be written at a cursor, and what a word means, for C.

#include <deque>
#include <memory>

#include "api/c_abi/problems.h"
#include "api/c_abi/session.h"
#include "api/completion.h"

using namespace quern;
using namespace quern::c_abi;

/// Texts, and the views that C is shown.
struct quern_completion {
  std::deque<std::string> texts;
  std::vector<quern_candidate> views;
  SourceSpan replaced = SourceSpan::none();

  const char* keep(std::string_view text) { return texts.emplace_back(c_text(text)).c_str(); }
};

int quern_complete(quern_session* session, const char* text, size_t size, size_t cursor,
                   quern_completion** completion, quern_problems** problems) {
  return guarded(problems, [&]() -> Result<void> {
    if (completion == nullptr) return missing("the completion");
    *completion = nullptr;
    if (session == nullptr) return missing("the session");
    if (text == nullptr && size != 0) return missing("the text");
    const auto found = session->session.complete(text_of(text, size), cursor);
    auto out = std::make_unique<quern_completion>();
    out->replaced = found.replaced;
    for (const auto& candidate : found.candidates) {
      out->views.push_back({.size = sizeof(quern_candidate),
                            .text = out->keep(candidate.text),
                            .kind = out->keep(kind_name(candidate.kind)),
                            .doc = out->keep(candidate.doc)});
    }
    *completion = out.release();
    return {};
  });
}

size_t quern_completion_begin(const quern_completion* completion) {
  return completion == nullptr ? 0 : completion->replaced.begin;
}
size_t quern_completion_end(const quern_completion* completion) {
  return completion == nullptr ? 0 : completion->replaced.end;
}
size_t quern_completion_count(const quern_completion* completion) {
  return completion == nullptr ? 0 : completion->views.size();
}
const quern_candidate* quern_completion_at(const quern_completion* completion, size_t index) {
  return index < quern_completion_count(completion) ? &completion->views[index] : nullptr;
}
void quern_completion_free(quern_completion* completion) { delete completion; }

int quern_inspect(quern_session* session, const char* text, size_t size, size_t cursor,
                  const quern_inspection** inspection, quern_problems** problems) {
  return guarded(problems, [&]() -> Result<void> {
    if (inspection == nullptr) return missing("the inspection");
    *inspection = nullptr;
    if (session == nullptr) return missing("the session");
    if (text == nullptr && size != 0) return missing("the text");
    const auto found = session->session.inspect(text_of(text, size), cursor);
    session->inspected_title = c_text(found.title);
    session->inspected_text = c_text(found.text);
    session->inspection = {.size = sizeof(quern_inspection),
                           .begin = found.word.begin,
                           .end = found.word.end,
                           .title = session->inspected_title.c_str(),
                           .text = session->inspected_text.c_str()};
    *inspection = &session->inspection;
    return {};
  });
}
