// Results as rows, and as a table that appears at once.

#include <limits>
#include <utility>

#include "runtime/sinks/batch_spool.h"
#include "runtime/sinks/sink.h"

namespace quern::runtime {
namespace {

class RowsSink final : public Sink {
 public:
  explicit RowsSink(std::function<void(const ColumnBatch&)> on_batch)
      : on_batch_(std::move(on_batch)) {}
  Result<void> write(ColumnBatch batch) override {
    on_batch_(batch);
    return {};
  }
  Result<void> finish() override { return {}; }

 private:
  std::function<void(const ColumnBatch&)> on_batch_;
};

LoadMode load_mode(plan::Write write) {
  switch (write) {
    case plan::Write::replace: return LoadMode::replace;
    case plan::Write::append: return LoadMode::append;
    default: return LoadMode::create;
  }
}

Result<std::unique_ptr<TableLoad>> begin_load(const plan::Output& output, Connection& user) {
  return user.load_table(table_order(output));
}

class TableSink final : public Sink {
 public:
  explicit TableSink(std::unique_ptr<TableLoad> load) : load_(std::move(load)) {}
  Result<void> write(ColumnBatch batch) override { return load_->append(batch); }
  Result<void> finish() override { return load_->commit(); }
  Diagnostics take_notes() override { return load_->take_notes(); }

 private:
  std::unique_ptr<TableLoad> load_;
};

/// Opens the table only when the last row has been read.
class SpoolingTableSink final : public Sink {
 public:
  /// \param memory_bytes  of rows that wait in memory.
  SpoolingTableSink(const plan::Output& output, Connection& user, CancelToken cancel,
                    std::int64_t memory_bytes)
      : output_(output), user_(user), cancel_(std::move(cancel)), spool_(memory_bytes) {}

  Result<void> write(ColumnBatch batch) override { return spool_.add(std::move(batch)); }

  Result<void> finish() override {
    QUERN_TRY(const auto load, begin_load(output_, user_));
    QUERN_CHECK(spool_.drain([&](const ColumnBatch& batch) -> Result<void> {
      if (cancel_.requested()) return Diagnostic{Code::cancelled, "cancelled"};
      return load->append(batch);
    }));
    QUERN_CHECK(load->commit());
    notes_ = load->take_notes();
    return {};
  }
  Diagnostics take_notes() override { return std::exchange(notes_, {}); }

 private:
  const plan::Output& output_;
  Connection& user_;
  CancelToken cancel_;
  BatchSpool spool_;
  Diagnostics notes_;
};

Diagnostics placed_at(Diagnostics errors, SourceSpan span) {
  for (auto& error : errors) {
    if (error.code != Code::cancelled) error.span = span;
  }
  return errors;
}

/// Errors of writing have their place at the target: the text they come from is not the user's.
class PlacingSink final : public Sink {
 public:
  PlacingSink(std::unique_ptr<Sink> sink, SourceSpan span) : sink_(std::move(sink)), span_(span) {}
  Result<void> write(ColumnBatch batch) override { return placed(sink_->write(std::move(batch))); }
  Result<void> finish() override { return placed(sink_->finish()); }
  Diagnostics take_notes() override { return sink_->take_notes(); }

 private:
  Result<void> placed(Result<void> written) const {
    if (written) return written;
    return placed_at(std::move(written).errors(), span_);
  }

  std::unique_ptr<Sink> sink_;
  SourceSpan span_;
};

/// Making a table would end the transaction that is open: load_table() says so, before a row is
/// read.
bool is_refused(const plan::Output& output, const Connection& user) {
  return output.write != plan::Write::append && user.in_transaction() &&
         !user.write_rules().ddl_in_transaction;
}

}  // namespace

TableOrder table_order(const plan::Output& output) {
  return {.table = output.table,
          .mode = load_mode(output.write),
          .columns = output.schema,
          .comment = ir::ours_comment};
}

std::unique_ptr<Sink> make_rows_sink(std::function<void(const ColumnBatch&)> on_batch) {
  return std::make_unique<RowsSink>(std::move(on_batch));
}

Result<std::unique_ptr<Sink>> make_table_sink(const plan::Output& output, Connection& user,
                                              const CancelToken& cancel,
                                              std::optional<std::int64_t> memory) {
  std::unique_ptr<Sink> sink;
  if (output.spool && !is_refused(output, user)) {
    const auto bytes = memory.value_or(std::numeric_limits<std::int64_t>::max());
    sink = std::make_unique<SpoolingTableSink>(output, user, cancel, bytes);
  } else {
    auto load = begin_load(output, user);
    if (!load) return placed_at(std::move(load).errors(), output.span);
    sink = std::make_unique<TableSink>(*std::move(load));
  }
  return std::unique_ptr<Sink>(std::make_unique<PlacingSink>(std::move(sink), output.span));
}

}  // namespace quern::runtime
