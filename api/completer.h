#pragma once
// Answers Session::complete() and Session::inspect(): the place of the cursor, and what is known.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/completion.h"
#include "api/completion_place.h"
#include "api/known_names.h"
#include "compiler/ir/model_statements.h"
#include "parser/script.h"

namespace quern {

class Completer {
 public:
  /// Both outlive it. Errors of the database are nobody's here: less is offered then.
  Completer(SessionState& state, KnownNames& names, const Variables& variables)
      : state_(state), names_(names), variables_(variables) {}

  Completion complete(std::string_view text, std::size_t cursor);
  Inspection inspect(std::string_view text, std::size_t cursor);

 private:
  void offer_asked();
  void offer(std::string text, CandidateKind kind, std::string doc = {});
  void offer_name(const std::string& name, CandidateKind kind, std::string doc = {});
  void offer_keyword(std::string_view word, std::string doc = {});

  void offer_start();
  void offer_expression();
  void offer_query_columns();
  void offer_columns_of(const TableUse& use);
  void offer_tables();
  void offer_schema_tables();
  void offer_models();
  void offer_estimators();
  void offer_clauses();
  void offer_attributes();
  void offer_values();
  void offer_features();
  void offer_settings();
  void offer_connections();
  void offer_files(CandidateKind kind);
  void offer_commands();
  void offer_command_words();

  bool fits(std::string_view text) const;
  ir::ShowAttributes subject() const;
  const KnownTable* find_table(const std::vector<std::string>& name);
  std::string quoted(const std::string& name) const;
  bool inspect_attribute(Inspection& out, const std::string& word) const;
  bool inspect_name(Inspection& out, const std::string& word);
  bool inspect_estimator(Inspection& out, const std::string& word) const;

  SessionState& state_;
  KnownNames& names_;
  const Variables& variables_;
  Place place_;
  std::vector<Candidate> out_;
};

}  // namespace quern
