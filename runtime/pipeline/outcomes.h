#pragma once
// From margins to what people ask of a model: numbers, classes and their probabilities.

#include <optional>
#include <span>
#include <vector>

#include "codegen/scorer.h"
#include "compiler/ir/manifest.h"

namespace quern::runtime {

/// Reads the answers of one model. Probabilities are XGBoost's own, in float32.
class Outcomes {
 public:
  /// \param threshold the probability from which the second of two classes is called; without one,
  /// it must be above one half. The manifest must outlive it.
  Outcomes(const ir::Manifest& manifest, const codegen::Scorer& scorer,
           std::optional<double> threshold = {})
      : Outcomes(manifest, scorer.link(), scorer.outputs(), threshold) {}
  /// \param outputs margins a row.
  Outcomes(const ir::Manifest& manifest, codegen::Link link, std::int32_t outputs,
           std::optional<double> threshold = {});

  /// An answer is a number, or a list of width() numbers, and no class.
  bool is_number() const { return label_.classes.empty(); }
  bool has_probabilities() const { return probabilities_; }
  std::size_t classes() const { return label_.classes.size(); }
  std::size_t width() const { return static_cast<std::size_t>(outputs_); }  ///< floats a row

  /// Turns margins, [rows, width], in place into answers.
  void link(std::span<float> margins) const;
  /// One row of the answers.
  std::span<const float> row(std::span<const float> answers, std::size_t r) const {
    return answers.subspan(r * width(), width());
  }

  /// The class that is called: the one of highest probability, the first of equals; XGBoost's
  /// scikit-learn wrapper does the same.
  std::size_t class_of(std::span<const float> row) const;
  /// Needs has_probabilities().
  float probability(std::span<const float> row, std::size_t of_class) const;

 private:
  const ir::Label& label_;
  codegen::Link link_;
  std::int32_t outputs_;
  bool probabilities_;
  std::optional<double> threshold_;
};

}  // namespace quern::runtime
