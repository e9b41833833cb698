#pragma once
// The page about an explanation: how much each feature matters, and in which direction.

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "codegen/forest/model_shape.h"
#include "compiler/ir/model_use.h"
#include "runtime/report/about.h"
#include "runtime/report/row_print.h"

namespace quern::runtime {

/// Gathers what the page shows: sums over all rows, and some rows drawn evenly of all.
class ExplainPage {
 public:
  /// \param outputs margins a row. The statement, which has a page, must outlive it.
  ExplainPage(const ir::Explain& statement, std::size_t outputs);

  /// Hears of the query's rows, then of each one's attributions as Attributor gives them.
  void add_rows(const ColumnBatch& batch) { print_.add(batch); }
  void add(std::span<const double> values, const codegen::FeatureView& x, std::int64_t row);

  /// The whole page. Features are shown up to 20, classes up to 8.
  std::string make() const;

 private:
  struct Kept {
    std::vector<float> features;
    std::vector<double> values;
  };

  std::string measure() const;
  std::size_t place();
  double mean(std::size_t output, std::size_t feature) const;
  std::vector<std::size_t> most_important(std::size_t output, std::size_t most) const;
  void add_output(HtmlPage& page, std::size_t output) const;
  void add_swarm(HtmlPage& page, std::size_t output,
                 const std::vector<std::size_t>& features) const;
  void add_dependence(HtmlPage& page, std::size_t output, std::size_t feature) const;
  void add_categories(HtmlPage& page, std::size_t output, std::size_t feature) const;
  double attribution(const Kept& row, std::size_t output, std::size_t feature) const;

  const ir::Explain& s_;
  std::size_t outputs_;
  std::size_t features_;
  std::size_t most_rows_;
  RowPrint print_;
  std::int64_t rows_ = 0;
  std::uint64_t state_ = 1;   ///< of the draw
  std::vector<double> sums_;  ///< of |attribution|, [outputs, features]
  std::vector<Kept> kept_;
};

}  // namespace quern::runtime
