#pragma once
// The arguments of a feature function behind the first: constants.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compiler/bind/constants.h"

namespace quern::binding {

/// Reads arguments by place, from 0; reports what does not fit, with the function's usage as hint.
/// Errors: function_arguments and those of fold().
class FunctionArguments {
 public:
  FunctionArguments(const ast::Call& call, std::string_view usage, Diagnostics& errors)
      : call_(call), usage_(usage), errors_(errors) {}

  std::size_t size() const { return call_.args.size(); }
  /// A whole number in [least, most].
  std::optional<std::int64_t> whole(std::size_t at, std::int64_t least, std::int64_t most);
  /// One finite number, or a list of them that rise.
  std::optional<std::vector<double>> rising(std::size_t at);
  std::optional<Constant> constant(std::size_t at);
  /// Text or a bare word.
  std::optional<std::string> text(std::size_t at);
  /// Reports that argument `at` is no `wanted`.
  void refuse(std::size_t at, const std::string& wanted, const std::string& found);

 private:
  void complain(std::string message, SourceSpan span);

  const ast::Call& call_;
  std::string_view usage_;
  Diagnostics& errors_;
};

}  // namespace quern::binding
