#pragma once
// The console of a prompt: tables that fit the terminal, a pager for what does not, charts.

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/charts/picture_charts.h"
#include "cli/console.h"
#include "cli/pager.h"

namespace quern::cli {

class PromptConsole final : public Console {
 public:
  PromptConsole(Format format, std::FILE* out);

  /// \param stop      ends the statement that runs: the user has left the pager.
  /// \param variable  what `\set` gave a name; "" where it gave nothing.
  /// \param ask       of the terminal; empty where there is none.
  void attend(std::function<void()> stop, std::function<std::string(const std::string&)> variable,
              AskTerminal ask);

  void on_statement(const StatementStart& start) override;
  void on_schema(const Schema& schema) override;
  void on_batch(const ColumnBatch& batch) override;
  void on_done(const Done& done) override;
  void on_failed(double seconds) override;
  void on_diagnostic(const Diagnostic& problem) override;
  void on_progress(const Progress& progress) override;
  /// No statement runs any more, whatever became of it.
  void settle();

 protected:
  void end_rows(const Done& done) override;
  std::FILE* rows_stream() override;
  PrintOptions print_options() const override;
  void say(const std::string& words) override;

 private:
  bool on_terminal() const;
  bool draws() const;
  void draw(const Done& done);
  std::string drawn(const std::function<PictureChart(const PictureRoom&)>& picture,
                    const std::function<std::string(std::size_t, bool)>& text);
  PictureRoom room();
  void keep_round(const Progress& progress);
  bool is_off(const std::string& variable) const;

  std::function<void()> stop_;
  std::function<std::string(const std::string&)> variable_;
  AskTerminal ask_;
  std::optional<PictureTerminal> asked_;  ///< what the terminal said at the first chart
  std::unique_ptr<Pager> pager_;
  bool reports_ = false;  ///< the statement may be one whose rows are drawn
  Schema schema_;
  std::vector<ColumnBatch> kept_;
  std::int64_t kept_rows_ = 0;
  std::vector<ChartSeries> rounds_;  ///< a metric each, of the model itself
  bool left_ = false;                ///< the pager of this statement, before its end
};

}  // namespace quern::cli
