#pragma once
// "did you mean": which known name a mistyped one stands for.

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace quern {

/// Optimal string alignment distance (insert, delete, replace, swap of neighbours), ASCII case
/// ignored. Source: Damerau 1964 in the restricted form. Units: bytes.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// The known name nearest to `name`, or "" when none is near: distance at most 1 below six letters,
/// else 2, and never the whole of the word. Ties go to the first.
std::string nearest(std::string_view name, std::span<const std::string> known);

/// `did you mean `x`?`, or `fallback` when nothing is near.
std::string suggest(std::string_view name, std::span<const std::string> known,
                    std::string fallback = {});

/// A name that other systems use, and what to write here.
struct KnownElsewhere {
  std::string_view name;
  std::string_view hint;
};
/// The hint for `name`, ASCII case ignored; "" where it is not known.
std::string_view substitute(std::string_view name, std::span<const KnownElsewhere> known);

bool equal_ignoring_case(std::string_view a, std::string_view b);  ///< ASCII letters only
std::string lower_ascii(std::string_view text);

}  // namespace quern
