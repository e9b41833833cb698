// Facts of the manifest and of the statement's rows.

#include "runtime/report/about.h"

#include <map>

#include "base/clock.h"
#include "base/format.h"
#include "base/secrets.h"
#include "base/version.h"
#include "runtime/report/chart.h"

namespace quern::runtime {
namespace {

/// One drawing for each metric, with a line for each set of rows.
void add_history(HtmlPage& page, const ir::Manifest& manifest) {
  std::map<std::string, std::map<std::string, Points>> metrics;
  for (const auto& point : manifest.history)
    metrics[point.metric][point.data].emplace_back(point.round, point.value);
  if (metrics.empty() || manifest.history.back().round < 2) return;
  page.heading("Training");
  for (const auto& [metric, by_data] : metrics) {
    std::vector<Series> series;
    std::vector<double> values;
    for (const auto& [data, points] : by_data) {
      series.push_back({data, points});
      for (const auto& point : points) values.push_back(point.second);
    }
    const Axis rounds{"round", 1, static_cast<double>(manifest.history.back().round)};
    page.drawing(
        line_chart(rounds, Axis::around(metric, values), series),
        by_data.size() == 1 ? metric + " of " + by_data.begin()->first : metric + " by round");
  }
}

void add_model(HtmlPage& page, const ir::ModelUse& use) {
  const auto& m = *use.manifest;
  page.heading("Model");
  page.facts({{"name", model_title(use)},
              {"estimator", m.estimator},
              {"objective", m.objective},
              {"label", m.label.column},
              {"features", std::to_string(ir::width(m.program))},
              {"rounds", std::to_string(m.rounds)},
              {"trained on", counted(m.rows, "row")},
              {"trained at", m.created},
              {"library", m.library}});
  page.code(mask_passwords(m.statement));
}

}  // namespace

std::string model_title(const ir::ModelUse& use) {
  return use.model.where.table + "@" + std::to_string(use.version);
}

void add_about(HtmlPage& page, const ir::ModelUse& use, const RowsSeen& seen,
               const std::string& statement) {
  add_history(page, *use.manifest);
  add_model(page, use);
  page.heading("Rows");
  page.facts({{"rows", std::to_string(seen.rows)}, {"fingerprint", seen.print}});
  page.paragraph(
      "The fingerprint is of the values that the model read and of the label: the same rows have "
      "the same one, in any order.");
  page.heading("Statement");
  page.code(mask_passwords(statement));
  page.facts({{"made by", std::string("quern ") + version()}, {"made at", utc_now()}});
}

}  // namespace quern::runtime
