// One line of text, and a second one for the hint.

#include "connectors/kernel_errors.h"

#include <algorithm>

namespace quern {
namespace {

std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

std::optional<Code> find_code(std::string_view number) {
#define QUERN_ERROR(known, name, title) \
  if (number == #known) return Code::name;
#include "base/error_codes.def"
#undef QUERN_ERROR
  return std::nullopt;
}

}  // namespace

std::string kernel_failure_text(std::string_view function, const Diagnostic& problem) {
  auto text = std::string(code_number(problem.code)) + " " + std::string(function) + ": " +
              on_one_line(problem.message);
  return problem.hint.empty() ? text : text + "\n" + on_one_line(problem.hint);
}

std::optional<KernelFailure> read_kernel_failure(std::string_view text) {
  const auto blank = text.find(' ');
  const auto colon = text.find(": ");
  const auto code = find_code(text.substr(0, blank));
  if (!code || colon == std::string_view::npos || colon < blank) return std::nullopt;
  const auto end = std::min(text.find('\n'), text.size());
  KernelFailure out{.function = std::string(text.substr(blank + 1, colon - blank - 1)),
                    .problem = {}};
  out.problem.code = *code;
  out.problem.message = text.substr(colon + 2, end - colon - 2);
  if (end < text.size()) out.problem.hint = text.substr(end + 1);
  return out;
}

}  // namespace quern
