// One feature after another, in blocks of features.

#include "runtime/fit/leak_check.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <span>
#include <string>

#include "runtime/fit/column_warning.h"
#include "runtime/fit/label_probe.h"
#include "runtime/fit/row_sample.h"

namespace quern::runtime {
namespace {

constexpr double kOfClasses = 0.975;
constexpr double kOfNumbers = 0.999;
/// What a feature that is the label rounded must tell of it all the same.
constexpr double kRounded = 0.9;
constexpr std::size_t kFloats = 1 << 21;

/// The best score of each column, 0 where none is high enough.
class Leaks {
 public:
  Leaks(const RowSample& sample, std::size_t classes, std::size_t inputs)
      : sample_(sample), probe_(sample.labels(), classes), scores_(inputs) {}

  bool can_judge() const { return probe_.can_judge(); }

  void judge(std::size_t input, std::span<const float> values, bool category) {
    auto& best = scores_[input];
    if (best < 1) best = std::max(best, score(values, category));
  }
  Result<void> judge_features(const ir::FeatureProgram& program);
  Result<void> judge_groups(const ir::FeatureProgram& program);

  std::vector<Finding> findings(const ir::FeatureProgram& program) const;

 private:
  double score(std::span<const float> values, bool category);
  void judge_entries(std::size_t input, std::span<const RowSample::Entry> entries);

  const RowSample& sample_;
  LabelProbe probe_;
  std::vector<double> scores_;
};

double Leaks::score(std::span<const float> values, bool category) {
  if (probe_.of_classes()) {
    const double found = probe_.score(values, category, kOfClasses);
    return found >= kOfClasses ? found : 0;
  }
  const double found = probe_.score(values, category, kRounded);
  if (found >= kOfNumbers) return found;
  return found >= kRounded && probe_.reversed(kOfNumbers) >= kOfNumbers ? found : 0;
}

Result<void> Leaks::judge_features(const ir::FeatureProgram& program) {
  const auto rows = sample_.labels().size();
  const auto& features = program.features;
  const auto block = std::max<std::size_t>(1, kFloats / rows);
  for (std::size_t first = 0; first < features.size(); first += block) {
    const auto count = std::min(block, features.size() - first);
    QUERN_TRY(const auto values, sample_.features(first, count));
    for (std::size_t f = 0; f < count; ++f) {
      const auto& feature = features[first + f];
      // What several columns hold together is no single one's doing.
      if (std::holds_alternative<ir::Cross>(feature.transform)) continue;
      judge(feature.input, std::span(values).subspan(f * rows, rows), feature.is_category());
    }
  }
  return {};
}

/// Of sparse features only those are judged that are there in enough rows.
void Leaks::judge_entries(std::size_t input, std::span<const RowSample::Entry> entries) {
  constexpr auto kAbsent = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> values(sample_.labels().size(), kAbsent);
  for (std::size_t first = 0, end = 0; first < entries.size(); first = end) {
    while (end < entries.size() && entries[end].key == entries[first].key) ++end;
    if (!probe_.can_tell(end - first, kOfClasses)) continue;
    const auto present = entries.subspan(first, end - first);
    for (const auto& entry : present) values[entry.row] = entry.value;
    judge(input, values, false);
    for (const auto& entry : present) values[entry.row] = kAbsent;
  }
}

Result<void> Leaks::judge_groups(const ir::FeatureProgram& program) {
  QUERN_TRY(const auto entries, sample_.entries(program.groups.size()));
  for (std::size_t g = 0; g < entries.size(); ++g) {
    // What is one hot is a feature of its own, hidden, and has been judged.
    const auto& group = program.groups[g];
    if (!std::holds_alternative<ir::OneHot>(group.source)) judge_entries(group.input, entries[g]);
  }
  return {};
}

/// Rounded down: what is not perfect is not called so.
std::string percent(double share) {
  char out[16];
  std::snprintf(out, sizeof out, "%.1f%%", std::floor(share * 1000 + 1e-9) / 10);
  return out;
}

std::vector<Finding> Leaks::findings(const ir::FeatureProgram& program) const {
  std::vector<Finding> out;
  for (std::size_t i = 0; i < scores_.size(); ++i) {
    if (scores_[i] == 0) continue;
    out.push_back({program.inputs[i].name,
                   probe_.of_classes()
                       ? "right in " + percent(probe_.right_share(scores_[i])) +
                             " of rows, guessing in " + percent(probe_.frequent_share())
                       : percent(scores_[i]) + " of the variance of its ranks"});
  }
  return out;
}

}  // namespace

Result<void> note_leaks(const ir::FeatureProgram& program, std::size_t classes, PageStore& pages,
                        const ir::Train& statement, Diagnostics& notes) {
  QUERN_TRY(const auto sample, RowSample::of(pages));
  Leaks leaks(sample, classes, program.inputs.size());
  if (!leaks.can_judge()) return {};
  QUERN_CHECK(leaks.judge_features(program));
  QUERN_CHECK(leaks.judge_groups(program));
  const auto found = leaks.findings(program);
  if (found.empty()) return {};
  const auto& label = statement.query.description.schema[*statement.label_column].name;
  notes.push_back(
      {.code = Code::leaking_column,
       .message = std::string(found.size() == 1 ? "a column" : "each of these columns") +
                  " alone predicts label " + label + " almost perfectly: " + listed(found),
       .span = statement.query.span,
       .hint = "what is known only when the label is must not be learned from: " + leave_out(found),
       .severity = Severity::warning});
  return {};
}

}  // namespace quern::runtime
