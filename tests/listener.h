#pragma once
// What tests of several threads share: an observer that keeps what it hears and lets the test step
// in, and a thread that cancels when it is told to.

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "api/quern.hpp"

namespace quern::tests {

/// Keeps errors and rows of numbers. The functions are called on the thread that runs the session.
struct Listener final : Observer {
  std::vector<Code> errors;
  std::string words;  ///< of the last error
  std::vector<std::vector<double>> rows;
  std::function<void(const Progress&)> on_step = [](const Progress&) {};
  std::function<void()> on_rows = [] {};
  std::function<void()> on_begin = [] {};

  void on_statement(const StatementStart& /*start*/) override { on_begin(); }
  void on_diagnostic(const Diagnostic& problem) override {
    if (problem.severity != Severity::error) return;
    errors.push_back(problem.code);
    words = problem.message;
  }
  void on_progress(const Progress& progress) override { on_step(progress); }
  void on_batch(const ColumnBatch& batch) override {
    for (std::int64_t r = 0; r < batch.rows; ++r) {
      auto& row = rows.emplace_back();
      for (const auto& column : batch.columns) row.push_back(number(column, r));
    }
    on_rows();
  }

 private:
  static double number(const Column& column, std::int64_t row) {
    const auto r = static_cast<std::size_t>(row);
    if (column.type.kind == TypeKind::float64) return column.as<double>()[r];
    if (column.type.kind == TypeKind::int64)
      return static_cast<double>(column.as<std::int64_t>()[r]);
    return 0;
  }
};

/// Stops a session from another thread, once it is told to.
class Canceller {
 public:
  explicit Canceller(Session& session)
      : thread_([this, &session] {
          told_.wait(false);
          session.cancel();
          done_ = true;
          done_.notify_all();
        }) {}
  Canceller(const Canceller&) = delete;
  Canceller& operator=(const Canceller&) = delete;
  ~Canceller() {
    tell();
    thread_.join();
  }
  void tell() {
    told_ = true;
    told_.notify_all();
  }
  void tell_and_wait() {
    tell();
    done_.wait(false);
  }

 private:
  std::atomic<bool> told_ = false;
  std::atomic<bool> done_ = false;
  std::thread thread_;
};

}  // namespace quern::tests
