// Results as rows, and as a table that appears at once.

#include <limits>

#include "runtime/sinks/batch_spool.h"
#include "runtime/sinks/sink.h"
#include "runtime/sinks/write_scope.h"

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

std::string create_table(const TableName& name, const Schema& schema,
                         const Connection& connection) {
  const auto dialect = connection.dialect();
  std::string columns;
  for (const auto& field : schema) {
    columns += columns.empty() ? "" : ", ";
    columns += quote_identifier(field.name, dialect) + " " + connection.type_name(field.type);
  }
  return "CREATE TABLE " + quote_name(name, dialect) + " (" + columns + ")";
}

/// Writes straight into a table of the scope's transaction.
class TableWriter {
 public:
  static Result<TableWriter> open(const plan::Output& output, Connection& user) {
    QUERN_TRY(auto scope, WriteScope::begin(user));
    TableWriter writer(std::move(scope));
    QUERN_CHECK(writer.prepare(output));
    QUERN_TRY(writer.appender_, writer.scope_.connection().append_to(output.table));
    return writer;
  }

  Result<void> append(const ColumnBatch& batch) { return appender_->append(batch); }

  Result<void> commit() {
    QUERN_CHECK(appender_->finish());
    appender_.reset();
    for (const auto& index : indexes_) QUERN_CHECK(make_index(index));
    return scope_.commit();
  }

 private:
  explicit TableWriter(WriteScope scope) : scope_(std::move(scope)) {}

  Result<void> prepare(const plan::Output& output) {
    if (output.write == plan::Write::append) return {};
    auto& connection = scope_.connection();
    const auto& table = output.table;
    if (output.write == plan::Write::replace) {
      QUERN_TRY(indexes_, connection.index_statements(table));
      QUERN_TRY([[maybe_unused]] const auto dropped,
                connection.execute("DROP TABLE " + quote_name(table, connection.dialect())));
    }
    QUERN_TRY([[maybe_unused]] const auto created,
              connection.execute(create_table(table, output.schema, connection)));
    QUERN_TRY(const auto info, connection.find_table(table));
    if (!info)
      return Diagnostic{Code::internal, "the table just created is not there: " + table.table};
    return connection.comment_on(table, ir::ours_comment(info->name));
  }

  Result<void> make_index(const std::string& statement) {
    auto made = scope_.connection().execute(statement);
    if (made) return {};
    auto errors = std::move(made).errors();
    errors.front().message = "an index of the table does not suit the new rows: " + statement +
                             " " + errors.front().message;
    errors.front().hint = "drop the index first";
    return errors;
  }

  WriteScope scope_;
  std::vector<std::string> indexes_;    ///< of the table that is replaced
  std::unique_ptr<Appender> appender_;  // destroyed before its connection
};

class TableSink final : public Sink {
 public:
  explicit TableSink(TableWriter writer) : writer_(std::move(writer)) {}
  Result<void> write(ColumnBatch batch) override { return writer_.append(batch); }
  Result<void> finish() override { return writer_.commit(); }

 private:
  TableWriter writer_;
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
    QUERN_TRY(auto writer, TableWriter::open(output_, user_));
    QUERN_CHECK(spool_.drain([&](const ColumnBatch& batch) -> Result<void> {
      if (cancel_.requested()) return Diagnostic{Code::cancelled, "cancelled"};
      return writer.append(batch);
    }));
    return writer.commit();
  }

 private:
  const plan::Output& output_;
  Connection& user_;
  CancelToken cancel_;
  BatchSpool spool_;
};

/// Errors of writing have their place at the target: the text they come from is not the user's.
class PlacingSink final : public Sink {
 public:
  PlacingSink(std::unique_ptr<Sink> sink, SourceSpan span) : sink_(std::move(sink)), span_(span) {}
  Result<void> write(ColumnBatch batch) override { return placed(sink_->write(std::move(batch))); }
  Result<void> finish() override { return placed(sink_->finish()); }

 private:
  Result<void> placed(Result<void> written) const {
    if (written) return written;
    auto errors = std::move(written).errors();
    for (auto& error : errors) {
      if (error.code != Code::cancelled) error.span = span_;
    }
    return errors;
  }

  std::unique_ptr<Sink> sink_;
  SourceSpan span_;
};

}  // namespace

std::unique_ptr<Sink> make_rows_sink(std::function<void(const ColumnBatch&)> on_batch) {
  return std::make_unique<RowsSink>(std::move(on_batch));
}

Result<std::unique_ptr<Sink>> make_table_sink(const plan::Output& output, Connection& user,
                                              const CancelToken& cancel,
                                              std::optional<std::int64_t> memory) {
  std::unique_ptr<Sink> sink;
  if (output.spool) {
    const auto bytes = memory.value_or(std::numeric_limits<std::int64_t>::max());
    sink = std::make_unique<SpoolingTableSink>(output, user, cancel, bytes);
  } else {
    QUERN_TRY(auto writer, TableWriter::open(output, user));
    sink = std::make_unique<TableSink>(std::move(writer));
  }
  return std::unique_ptr<Sink>(std::make_unique<PlacingSink>(std::move(sink), output.span));
}

}  // namespace quern::runtime
