#pragma once
// The model store: a pair of tables in the schema where a model is named, so that the database's
// own grants say who may use it. `quern_models` has a row for each version, `quern_model_chunks`
// its bytes, and `quern_trials`, where a model was tuned, the trials.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "compiler/ir/manifest.h"
#include "compiler/ir/statement.h"
#include "connectors/connector.h"
#include "connectors/places.h"
#include "runtime/model_store/trial_rows.h"

namespace quern::runtime {

/// One line of SHOW MODELS.
struct ModelRow {
  std::string name;
  std::int64_t version = 0;
  std::string estimator;
  std::string objective;
  std::string label;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
  std::string created;
};

/// What a stored model takes, in bytes.
struct ModelSizes {
  std::int64_t manifest = 0;
  std::int64_t payload = 0;
};

/// Where models are whose names say no schema: `SET quern.model_store`.
struct ModelPlace {
  Connection* away = nullptr;  ///< null: on the connection in use
  std::string schema = {};     ///< of `away`; "" is its default
  Places* places = nullptr;    ///< where names with several parts lead; null: the connection in use
};

/// Reads and writes through one connection of the user's session, or where the place says. Names
/// compare with ASCII case ignored.
class ModelStore {
 public:
  explicit ModelStore(Connection& user, ModelPlace place = {})
      : user_(user), place_(std::move(place)) {}

  /// Asked before a model is made. Errors: read_only, with a hint.
  /// \param with_trials  those of a search are stored too.
  Result<void> check_writable(const ir::ModelRef& model, bool with_trials);
  /// Connection::before_write() of where the model goes.
  Result<std::string> before_write(const TableName& where);

  /// Stores a new version, one above the newest, in one transaction (or in the user's). When
  /// another session takes the number first, tries the next. Returns the version. Errors:
  /// database_error, read_only, foreign_store.
  /// \param trials  of the search that the model is the best of; null: it was not tuned.
  Result<std::int64_t> save(const TableName& where, const ir::Manifest& manifest,
                            const std::vector<std::uint8_t>& payload,
                            const TrialList* trials = nullptr);

  /// Stores a trial of a search that goes on (all of one store), in a transaction of its own (or in
  /// the user's), so that the same search need not repeat it. Errors: as above.
  Result<void> add_trial(const TableName& where, const std::string& search, const ir::Trial& trial);
  /// What is known of a search, whether it ended or not. Errors: foreign_store, corrupt_model.
  Result<std::vector<ir::Trial>> known_trials(const TableName& where, const std::string& search);
  /// Those of a version; none where it was not tuned here. Errors: as above.
  Result<std::vector<ir::Trial>> trials(const ir::ModelRef& model, std::int64_t version);

  /// The manifest, at the newest version where none is asked for; nullopt: no such model.
  /// Errors: corrupt_model, model_too_new, foreign_store.
  Result<std::optional<ir::FoundModel>> find(const ir::ModelRef& model);

  /// The engine's bytes of a model that was found. Errors: corrupt_model (missing chunks, wrong
  /// check sum), unknown_model where another session dropped or replaced it since.
  Result<std::vector<std::uint8_t>> payload(const ir::ModelRef& model, std::int64_t version,
                                            const std::string& payload_check);

  Result<ModelSizes> sizes(const ir::ModelRef& model, std::int64_t version);

  /// All versions by name and number; names LIKE `pattern` where given.
  Result<std::vector<ModelRow>> list(const TableName& where,
                                     const std::optional<std::string>& pattern);

  /// Deletes all versions, or one, and their trials. Returns how many there were.
  /// \param unfinished  trials go even where no search of the name has come to a model.
  Result<std::int64_t> drop(const ir::ModelRef& model, bool unfinished = false);

 private:
  /// A model's connection, and its name there.
  struct Home {
    Connection& connection;
    ir::ModelRef model;
  };
  Result<Home> home(const ir::ModelRef& model) const;
  Result<Home> home(const TableName& where) const { return home(ir::ModelRef{.where = where}); }

  Connection& user_;
  ModelPlace place_;
  bool trials_made_ = false;  ///< the table of trials is there
};

/// The check sum kept beside a payload: FNV-1a, 64 bit, as 16 hex digits.
std::string check_sum(const std::vector<std::uint8_t>& bytes);

}  // namespace quern::runtime
