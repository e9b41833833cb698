// From draws, or a column, to marks.

#include <algorithm>
#include <cmath>

#include "base/format.h"
#include "base/similar.h"
#include "codegen/interpret/features.h"
#include "runtime/dataset/row_split.h"

namespace quern::runtime {
namespace {

/// For one class and one end of a share: the draw below which so many rows of the class lie.
struct Threshold {
  std::uint64_t low = 0;  ///< too few lie below, or just enough
  std::uint64_t high = ~std::uint64_t{0};
  std::uint64_t middle = 0;
  std::int64_t wanted = 0;
  std::int64_t below = 0;  ///< rows below the middle
  bool found = false;

  void aim() { middle = low + (high - low) / 2; }
  void narrow() {
    if (found) return;
    (below <= wanted ? low : high) = middle;
    found = below == wanted || high - low <= 1;
    if (found) middle = low;
    below = 0;
  }
};

/// Finds all thresholds at once, each pass over the rows halving what is open: about 30 passes for
/// a million rows, whose draws are even.
class Thresholds {
 public:
  Thresholds(PageStore& pages, std::size_t classes, const std::vector<double>& ends)
      : pages_(pages),
        classes_(classes),
        ends_(ends.size()),
        all_(classes * ends.size()),
        counts_(classes) {
    pages_.each_draw(
        [&](const std::uint64_t*, const float* labels, std::uint8_t*, std::int64_t rows) {
          for (std::int64_t r = 0; r < rows; ++r) ++counts_[class_of(labels[r])];
        });
    for (std::size_t c = 0; c < classes_; ++c) {
      for (std::size_t e = 0; e < ends_; ++e)
        all_[c * ends_ + e].wanted = std::llround(ends[e] * static_cast<double>(counts_[c]));
    }
    while (std::any_of(all_.begin(), all_.end(), [](const auto& t) { return !t.found; })) halve();
  }

  const std::vector<std::int64_t>& counts() const { return counts_; }

  std::size_t part_of(std::uint64_t draw, float label) const {
    const auto* first = &all_[class_of(label) * ends_];
    std::size_t part = 0;
    while (part < ends_ && draw >= first[part].middle) ++part;
    return part;
  }

 private:
  std::size_t class_of(float label) const {
    return classes_ == 1 ? 0 : static_cast<std::size_t>(label);
  }

  void halve() {
    for (auto& t : all_) {
      if (!t.found) t.aim();
    }
    pages_.each_draw(
        [&](const std::uint64_t* draws, const float* labels, std::uint8_t*, std::int64_t rows) {
          for (std::int64_t r = 0; r < rows; ++r) {
            auto* first = &all_[class_of(labels[r]) * ends_];
            for (std::size_t e = 0; e < ends_; ++e)
              first[e].below += static_cast<std::int64_t>(draws[r] < first[e].middle);
          }
        });
    for (auto& t : all_) t.narrow();
  }

  PageStore& pages_;
  std::size_t classes_;
  std::size_t ends_;
  std::vector<Threshold> all_;
  std::vector<std::int64_t> counts_;
};

}  // namespace

void mark_by_draw(const std::uint64_t* draws, std::int64_t rows, double eval, double test,
                  std::uint8_t* marks) {
  for (std::int64_t r = 0; r < rows; ++r) {
    const double uniform = static_cast<double>(draws[r] >> 11) * 0x1p-53;  // [0, 1)
    marks[r] = uniform < eval ? 1 : uniform < eval + test ? 2 : 0;
  }
}

std::vector<std::int64_t> mark_by_rank(PageStore& pages, std::size_t classes,
                                       const std::vector<double>& ends,
                                       const std::vector<std::uint8_t>& marks) {
  const Thresholds thresholds(pages, classes, ends);
  pages.each_draw(
      [&](const std::uint64_t* draws, const float* labels, std::uint8_t* out, std::int64_t rows) {
        for (std::int64_t r = 0; r < rows; ++r)
          out[r] = marks[thresholds.part_of(draws[r], labels[r])];
      });
  return thresholds.counts();
}

void SplitColumn::refuse(const std::string& value) {
  if (bad_++ == 0) first_bad_ = value;
}

void SplitColumn::add_text(const Column& column, std::uint8_t* marks) {
  static const std::vector<std::vector<std::string>> kWords{
      {"train", "training"}, {"eval", "validation", "valid", "val", "dev"}, {"test"}};
  for (std::int64_t r = 0; r < column.length; ++r) {
    marks[r] = 0;
    if (column.is_null(r)) {
      refuse("NULL");
      continue;
    }
    const std::string value(column.text(r));
    const auto words = std::find_if(kWords.begin(), kWords.end(), [&](const auto& of) {
      return std::any_of(of.begin(), of.end(),
                         [&](const auto& word) { return equal_ignoring_case(word, value); });
    });
    if (words == kWords.end()) {
      refuse("'" + value.substr(0, 60) + "'");
    } else {
      marks[r] = static_cast<std::uint8_t>(words - kWords.begin());
    }
  }
}

void SplitColumn::add(const ColumnBatch& batch, std::uint8_t* marks) {
  const auto& column = batch.columns[column_];
  if (column.type.kind == TypeKind::text) return add_text(column, marks);
  std::vector<double> numbers(static_cast<std::size_t>(column.length));
  codegen::numbers_to_double(column, numbers.data());
  for (std::size_t r = 0; r < numbers.size(); ++r) {
    const bool known = numbers[r] == 0 || numbers[r] == 1 || numbers[r] == 2;
    marks[r] = known ? static_cast<std::uint8_t>(numbers[r]) : 0;
    if (known) continue;
    refuse(column.is_null(static_cast<std::int64_t>(r)) ? "NULL" : format_double(numbers[r]));
  }
}

void SplitColumn::check(SourceSpan span, Diagnostics& errors) const {
  if (bad_ == 0) return;
  errors.push_back({Code::split_value,
                    "column " + name_ + " does not say where a row goes in " +
                        counted(bad_, "row") + ", first: " + first_bad_,
                    span, "use FALSE, 0 or 'train'; TRUE, 1 or 'validation'; 2 or 'test'"});
}

}  // namespace quern::runtime
