// Checked access: each function refuses what is missing or of the wrong kind, by name.

#include "codegen/forest/fields.h"

#include <charconv>
#include <cmath>

namespace quern::codegen {

using Numbers = DocumentValue::Numbers;

Diagnostic corrupt_model(std::string what) {
  return {Code::corrupt_model, "the XGBoost model is damaged: " + std::move(what)};
}

Result<const DocumentValue*> member(const DocumentValue& value, const std::string& name) {
  if (const auto* found = value.find(name)) return found;
  return corrupt_model(name + " is missing");
}

Result<const Numbers*> numbers(const DocumentValue& value, const std::string& name) {
  QUERN_TRY(const auto* found, member(value, name));
  if (const auto* array = found->as<Numbers>()) return array;
  return corrupt_model(name + " is not an array of numbers");
}

Result<std::string> text(const DocumentValue& value, const std::string& name) {
  QUERN_TRY(const auto* found, member(value, name));
  if (const auto* held = found->as<std::string>()) return *held;
  return corrupt_model(name + " is not text");
}

Result<std::int64_t> size_of(const DocumentValue& value, const std::string& name,
                             std::int64_t limit) {
  if (value.find(name) == nullptr) return 0;
  QUERN_TRY(const auto digits, text(value, name));
  std::int64_t number = -1;
  const char* end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, number);
  if (error == std::errc{} && stop == end && number >= 0 && number <= limit) return number;
  return corrupt_model(name + " is not a size from 0 to " + std::to_string(limit));
}

std::optional<std::size_t> index_below(double number, std::size_t end) {
  if (!(number >= 0 && number < static_cast<double>(end))) return std::nullopt;
  if (number != std::trunc(number)) return std::nullopt;
  return static_cast<std::size_t>(number);
}

Result<std::vector<float>> base_scores(const std::string& written) {
  const auto bad = corrupt_model("base_score is neither a number nor an array of numbers");
  std::string_view rest = written;
  const bool array = rest.starts_with('[') && rest.ends_with(']');
  if (array) rest = rest.substr(1, rest.size() - 2);
  std::vector<float> scores;
  while (true) {
    float score = 0;
    const auto [stop, error] = std::from_chars(rest.data(), rest.data() + rest.size(), score);
    if (error != std::errc{}) return bad;
    scores.push_back(score);
    rest.remove_prefix(static_cast<std::size_t>(stop - rest.data()));
    if (rest.empty()) return scores;
    if (!array || rest[0] != ',') return bad;
    rest.remove_prefix(1);
  }
}

}  // namespace quern::codegen
