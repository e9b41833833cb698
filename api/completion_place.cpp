// Two walks over the pieces in front of the cursor: one through SQL, which asks where tables stand,
// one through our clauses. Both take what they do not understand for a part of an expression.

#include "api/completion_place.h"

#include <algorithm>
#include <array>

#include "base/similar.h"

namespace quern {
namespace {

using Parts = std::vector<TextPart>;
using Words = std::vector<std::string_view>;
using enum TextPartKind;

bool wordlike(const TextPart& part) { return part.kind <= name; }

template <typename Known>
bool among(const Known& known, std::string_view word) {
  return std::any_of(known.begin(), known.end(),
                     [&](std::string_view k) { return equal_ignoring_case(k, word); });
}

constexpr std::array<std::string_view, 6> kTableNext{"FROM",   "JOIN",  "INTO",
                                                     "UPDATE", "TABLE", "VIEW"};
constexpr std::array<std::string_view, 14> kSqlClauses{
    "SELECT", "FROM", "WHERE",  "GROUP", "HAVING", "ORDER",  "LIMIT",
    "ON",     "SET",  "VALUES", "UNION", "USING",  "WINDOW", "QUALIFY"};
constexpr std::array<std::string_view, 6> kQueries{"SELECT", "WITH",  "FROM",
                                                   "VALUES", "TABLE", "("};
constexpr std::array<std::string_view, 5> kClauses{"WITH", "COLUMN", "LABEL", "USING", "INTO"};

/// The text with its pieces.
struct Read {
  std::string_view text;
  Parts parts;

  std::string_view of(const TextPart& part) const {
    return text.substr(part.span.begin, part.span.size());
  }
  bool is(const TextPart& part, std::string_view word) const {
    return equal_ignoring_case(of(part), word);
  }
  /// Without quotes.
  std::string plain(const TextPart& part) const {
    auto word = of(part);
    if (part.kind != name && part.kind != string) return std::string(word);
    const char quote = word.front();
    word.remove_prefix(1);
    if (part.closed && !word.empty()) word.remove_suffix(1);
    std::string out;
    for (std::size_t i = 0; i < word.size(); ++i) {
      out += word[i];
      if (word[i] == quote && i + 1 < word.size() && word[i + 1] == quote) ++i;
    }
    return out;
  }
};

/// SQL in front of TO, or a statement that is not ours.
class SqlWalk {
 public:
  explicit SqlWalk(const Read& read) : read_(read) {}

  void step(const TextPart& part) {
    const auto word = read_.of(part);
    if (word == "(" || word == "[" || word == "{") {
      clauses_.emplace_back();
    } else if ((word == ")" || word == "]" || word == "}") && clauses_.size() > 1) {
      clauses_.pop_back();
    } else if (part.kind <= keyword && among(kSqlClauses, word)) {
      clauses_.back() = word;
    } else if (part.kind <= keyword && among(kTableNext, word)) {
      clauses_.back() = "FROM";
    }
    table_next_ = (part.kind <= keyword && among(kTableNext, word)) ||
                  (word == "," && equal_ignoring_case(clauses_.back(), "FROM"));
  }

  /// The piece just stepped over is followed by the name of a table.
  bool table_next() const { return table_next_; }

 private:
  const Read& read_;
  Words clauses_ = {{}};  ///< that each open bracket is in
  bool table_next_ = false;
};

/// Tables and their aliases, over the whole of a statement.
class Tables {
 public:
  Tables(const Read& read, const Parts& parts) : read_(read), parts_(parts) {}

  void find(Place& place) {
    SqlWalk walk(read_);
    for (std::size_t i = 0; i < parts_.size(); ++i) {
      if (parts_[i].kind == clause) break;
      walk.step(parts_[i]);
      if (walk.table_next() && i + 1 < parts_.size()) use(i + 1, place);
      if (wordlike(parts_[i]) && is(i + 1, "AS") && is(i + 2, "("))
        place.with_names.push_back(read_.plain(parts_[i]));
    }
  }

 private:
  bool is(std::size_t i, std::string_view word) const {
    return i < parts_.size() && read_.is(parts_[i], word);
  }
  bool named(std::size_t i) const {
    return i < parts_.size() && (parts_[i].kind == word || parts_[i].kind == name);
  }

  void use(std::size_t i, Place& place) const {
    if (!named(i) && parts_[i].kind != string) return;
    TableUse out{{read_.plain(parts_[i])}, {}};
    while (is(i + 1, ".") && named(i + 2)) {
      i += 2;
      out.name.push_back(read_.plain(parts_[i]));
    }
    if (is(i + 1, "AS")) ++i;
    if (named(i + 1) && !is(i + 1, "TO")) out.alias = read_.plain(parts_[i + 1]);
    place.tables.push_back(std::move(out));
  }

  const Read& read_;
  const Parts& parts_;
};

/// Behind TO and a verb, and behind EXPORT MODEL and its kin.
class ClauseWalk {
 public:
  ClauseWalk(const Read& read, std::string_view verb) : read_(read), verb_(lower_ascii(verb)) {}

  void step(const TextPart& part) {
    const auto word = read_.of(part);
    if (word == "(" || word == "[" || word == "{")
      ++depth_;
    else if ((word == ")" || word == "]" || word == "}") && depth_ > 0)
      close();
    else if (depth_ == 0)
      plain_step(part, word);
  }

  void ask(Place& place) const {
    place.owner = verb_;
    place.estimator = verb_ == "train" ? operand_ : "";
    place.attribute = attribute_;
    place.clauses = left();
    place.asked = asked();
  }

 private:
  enum class At {
    operand,
    behind_operand,
    attribute,
    value,
    behind_value,
    feature,
    behind_feature,
    name,
    behind_name
  };

  void close() {
    --depth_;
    if (depth_ == 0) at_ = at_ == At::value ? At::behind_value : At::behind_feature;
  }

  void plain_step(const TextPart& part, std::string_view word) {
    const bool opens = (part.kind == clause || part.kind == keyword) && among(kClauses, word) &&
                       (at_ != At::operand || verb_ == "predict") && at_ != At::value &&
                       at_ != At::name;
    if (opens) return begin_clause(word);
    if (word == ",") return comma();
    if (word == "=" && at_ == At::attribute) {
      at_ = At::value;
      return;
    }
    switch (at_) {
      case At::operand:
        operand_ += read_.plain(part);
        at_ = At::behind_operand;
        break;
      case At::behind_operand:
        if (word == "." || joins_) operand_ += read_.plain(part);
        joins_ = word == ".";
        break;
      case At::attribute: attribute_ += read_.plain(part); break;
      case At::value: at_ = At::behind_value; break;
      case At::feature: at_ = At::behind_feature; break;
      case At::name: at_ = At::behind_name; break;
      default: break;
    }
  }

  void begin_clause(std::string_view word) {
    clause_ = lower_ascii(word);
    seen_.push_back(clause_);
    attribute_.clear();
    at_ = clause_ == "with" ? At::attribute : clause_ == "column" ? At::feature : At::name;
  }

  void comma() {
    attribute_.clear();
    at_ = clause_ == "with" ? At::attribute : clause_ == "column" ? At::feature : At::name;
  }

  Asked asked() const {
    if (depth_ > 0) return clause_ == "with" ? Asked::value : Asked::feature;
    switch (at_) {
      case At::operand: return operand_asked();
      case At::attribute: return Asked::attribute;
      case At::value: return Asked::value;
      case At::feature: return Asked::feature;
      case At::name: return name_asked();
      default: return Asked::clause;
    }
  }

  Asked operand_asked() const {
    if (verb_ == "train") return Asked::estimator;
    return verb_ == "predict" ? Asked::table : Asked::model;
  }

  Asked name_asked() const {
    if (clause_ == "label") return Asked::column;
    if (clause_ == "using") return verb_ == "explain" ? Asked::explainer : Asked::model;
    return verb_ == "train" || verb_ == "import" ? Asked::model : Asked::table;
  }

  Words left() const {
    Words out;
    for (const auto word : allowed()) {
      if (word == "COLUMN" ||
          std::find(seen_.begin(), seen_.end(), lower_ascii(word)) == seen_.end())
        out.push_back(word);
    }
    return out;
  }

  Words allowed() const {
    if (verb_ == "train") return {"WITH", "COLUMN", "LABEL", "USING", "INTO"};
    if (verb_ == "predict") return {"USING", "WITH"};
    if (verb_ == "evaluate") return {"WITH", "LABEL", "INTO"};
    if (verb_ == "explain") return {"WITH", "USING", "INTO"};
    if (verb_ == "import") return {"WITH", "INTO"};
    return {"WITH"};
  }

  const Read& read_;
  std::string verb_;
  std::string operand_;
  std::string clause_;
  std::string attribute_;
  std::vector<std::string> seen_;
  bool joins_ = false;  ///< a dot of the operand was the last piece
  std::size_t depth_ = 0;
  At at_ = At::operand;
};

/// `before`: the pieces of the statement in front of the word at the cursor.
class Finder {
 public:
  Finder(const Read& read, Parts before, Place& place)
      : read_(read), before_(std::move(before)), place_(place) {}

  void find() {
    const auto first = before_.empty() ? std::string_view{} : read_.of(before_.front());
    if (before_.empty()) {
      place_.asked = Asked::start;
    } else if (const auto verb = behind_to(); verb > 0) {
      walk_clauses(verb);
    } else if (!own_statement(first)) {
      walk_sql();
    }
  }

 private:
  bool is(std::size_t i, std::string_view word) const {
    return i < before_.size() && read_.is(before_[i], word);
  }
  bool last_is(std::string_view word) const { return is(before_.size() - 1, word); }

  /// The index of the verb behind TO; 0: there is none.
  std::size_t behind_to() const {
    for (std::size_t i = 1; i < before_.size(); ++i) {
      if (before_[i].kind == clause && before_[i - 1].kind == clause && is(i - 1, "TO")) return i;
    }
    return 0;
  }

  void walk_clauses(std::size_t verb) {
    std::size_t first = 0;
    while (first < verb && before_[first].kind == keyword && is(first, "EXPLAIN")) ++first;
    place_.query = read_.text.substr(before_[first].span.begin,
                                     before_[verb - 1].span.begin - before_[first].span.begin);
    ask_clauses(read_.of(before_[verb]), verb + 1);
  }

  void ask_clauses(std::string_view verb, std::size_t from) {
    ClauseWalk walk(read_, verb);
    for (auto i = from; i < before_.size(); ++i) walk.step(before_[i]);
    walk.ask(place_);
    if (place_.quote == '\'' && place_.asked == Asked::table) place_.asked = Asked::nothing;
  }

  void word_of(Words words) {
    place_.asked = Asked::word;
    place_.clauses = std::move(words);
  }

  /// SHOW, SET and the like. False for what is the database's.
  bool own_statement(std::string_view first) {
    const auto n = before_.size();
    const bool on_model = is(1, "MODEL");
    if (equal_ignoring_case(first, "show")) return show(n);
    if (equal_ignoring_case(first, "set")) return set(n);
    if (n == 1 && (equal_ignoring_case(first, "use") || equal_ignoring_case(first, "detach"))) {
      place_.asked = Asked::connection;
      return true;
    }
    if (n == 1 && (equal_ignoring_case(first, "export") || equal_ignoring_case(first, "import"))) {
      word_of({"MODEL"});
      return true;
    }
    if (n == 1 && equal_ignoring_case(first, "drop")) {
      word_of({"MODEL", "TABLE", "VIEW", "INDEX", "SCHEMA"});
      return true;
    }
    if (n == 1 && equal_ignoring_case(first, "explain")) {
      word_of({"PLAN", "IR", "AST", "LLVM", "ANALYZE", "SELECT", "WITH", "FROM"});
      return true;
    }
    if (equal_ignoring_case(first, "describe")) return describe(n, on_model);
    return on_model && with_model(lower_ascii(first), n);
  }

  bool show(std::size_t n) {
    if (n == 1)
      word_of({"MODELS", "TRAIN", "TRIALS", "ATTRIBUTES", "TABLES"});
    else if (n == 2 && (is(1, "TRAIN") || is(1, "TRIALS")))
      place_.asked = Asked::model;
    else if (n == 2 && is(1, "ATTRIBUTES"))
      place_.asked = Asked::subject;
    else if (n == 2 && is(1, "MODELS"))
      word_of({"LIKE"});
    else
      return false;
    return true;
  }

  bool set(std::size_t n) {
    if (n == 1) {
      place_.asked = Asked::setting;
      return true;
    }
    for (std::size_t i = 1; i < n && !is(i, "="); ++i) place_.attribute += read_.plain(before_[i]);
    if (!last_is("=")) return false;
    place_.asked = Asked::setting_value;
    return true;
  }

  bool describe(std::size_t n, bool on_model) {
    if (n == 1) {
      place_.asked = Asked::table;
      place_.clauses = {"MODEL"};
    } else if (n == 2 && on_model) {
      place_.asked = Asked::model;
    }
    return n <= 2;
  }

  bool with_model(const std::string& first, std::size_t n) {
    const bool drop = first == "drop" && (n == 2 || (n == 4 && last_is("EXISTS")));
    if (drop || (n == 2 && first != "import"))
      place_.asked = Asked::model;
    else if (n == 2)
      place_.asked = Asked::file;
    else if (first == "export" && n == 3)
      word_of({"TO"});
    else if (first == "export" && last_is("TO"))
      place_.asked = Asked::file;
    else if (first == "export" || first == "import")
      export_clauses(first);
    return true;
  }

  void export_clauses(const std::string& first) {
    std::size_t from = 2;
    while (from < before_.size() && before_[from].kind != string) ++from;
    ask_clauses(first, from);
  }

  void walk_sql() {
    SqlWalk walk(read_);
    for (const auto& part : before_) walk.step(part);
    const bool quoted = place_.quote == '\'';
    if (verb_next()) {
      place_.asked = Asked::verb;
    } else if (walk.table_next()) {
      place_.asked = quoted ? Asked::file : Asked::table;
    } else {
      place_.asked = quoted ? (reads_file() ? Asked::file : Asked::nothing) : Asked::expression;
    }
  }

  bool verb_next() const {
    if (!last_is("TO") || before_.size() < 3) return false;
    const auto& first = before_[is(0, "EXPLAIN") ? 1 : 0];
    return among(kQueries, read_.of(first));
  }

  /// The first argument of read_csv() and its like, or of ATTACH.
  bool reads_file() const {
    if (last_is("ATTACH")) return true;
    if (!last_is("(") || before_.size() < 2) return false;
    return read_.of(before_[before_.size() - 2]).starts_with("read_");
  }

  const Read& read_;
  Parts before_;
  Place& place_;
};

/// The line of a backslash command that ends at the cursor; nullopt where it is none.
std::optional<std::size_t> command_begin(std::string_view text, std::size_t cursor) {
  const auto line = cursor == 0 ? 0 : text.rfind('\n', cursor - 1) + 1;
  const auto begin = text.find_first_not_of(" \t", line);
  if (begin == std::string_view::npos || begin >= cursor || text[begin] != '\\') return {};
  const auto ahead = text.substr(0, line);
  const auto last = ahead.find_last_not_of(" \t\r\n");
  const bool between = last == std::string_view::npos || ahead[last] == ';' || line == 0;
  return between ? std::optional(begin) : std::nullopt;
}

void find_command(std::string_view text, std::size_t begin, std::size_t cursor, Place& place) {
  const auto name_end = std::min(text.find_first_of(" \t", begin), cursor);
  auto word = name_end;
  for (auto i = name_end; i < cursor; ++i) {
    if (text[i] == ' ' || text[i] == '\t') word = i + 1;
  }
  place.asked = name_end == cursor ? Asked::command : Asked::command_word;
  if (place.asked == Asked::command) word = begin;
  place.owner = text.substr(begin + 1, name_end - begin - 1);
  const auto end = std::min(text.find_first_of(" \t\n", cursor), text.size());
  place.typed = {word, cursor};
  place.word = {word, end};
  place.prefix = text.substr(word, cursor - word);
}

/// Takes `a.` of `a.b` off the pieces, and what else joins words behind TO.
void take_joined(const Read& read, Parts& before, Place& place) {
  const auto joins = [&](std::string_view symbols) {
    if (before.size() < 2) return false;
    const auto& mark = before.back();
    const auto& left = before[before.size() - 2];
    return mark.span.end == place.typed.begin && mark.kind == symbol &&
           symbols.find(read.of(mark)) != std::string_view::npos && wordlike(left) &&
           left.span.end == mark.span.begin;
  };
  while (joins(".")) {
    place.qualifier.insert(place.qualifier.begin(), read.plain(before[before.size() - 2]));
    place.typed.begin = before[before.size() - 2].span.begin;
    before.resize(before.size() - 2);
  }
  while (place.qualifier.empty() && joins(":/-@")) {
    place.typed.begin = before[before.size() - 2].span.begin;
    before.resize(before.size() - 2);
  }
}

/// Where words with dots are one name, the whole of it is what was typed.
bool takes_dots(Asked asked) {
  return asked == Asked::attribute || asked == Asked::estimator || asked == Asked::setting ||
         asked == Asked::subject || asked == Asked::value || asked == Asked::setting_value ||
         asked == Asked::model;
}

/// The pieces of the statement that the cursor is in, comments left out.
struct Cut {
  Parts before;     ///< in front of the word at the cursor
  Parts statement;  ///< all of them
  std::size_t word_begin = 0;
  bool in_comment = false;
};

class Cutting {
 public:
  Cutting(const Read& read, std::size_t cursor, Place& place)
      : read_(read), cursor_(cursor), place_(place) {
    cut_.word_begin = cursor;
  }

  Cut cut() {
    for (const auto& part : read_.parts) {
      const bool ends = part.kind == symbol && read_.of(part) == ";";
      if (ends && part.span.begin >= cursor_) break;
      if (ends) {
        cut_.before.clear();
        cut_.statement.clear();
      } else {
        take(part);
      }
    }
    return std::move(cut_);
  }

 private:
  void take(const TextPart& part) {
    const bool reaches = part.span.begin < cursor_ && part.span.end >= cursor_;
    const bool inside = reaches && (part.span.end > cursor_ || !part.closed);
    if (part.kind == comment) {
      cut_.in_comment |= inside || (reaches && !read_.of(part).starts_with("/*"));
      return;
    }
    cut_.statement.push_back(part);
    const bool quoted = part.kind == string || part.kind == name;
    if (reaches && part.kind != symbol && (inside || !quoted)) {
      begin_word(part, quoted);
    } else if (part.span.end <= cursor_) {
      cut_.before.push_back(part);
    }
  }

  void begin_word(const TextPart& part, bool quoted) {
    place_.quote = quoted ? read_.text[part.span.begin] : '\0';
    place_.word = part.span;
    place_.typed = {part.span.begin, cursor_};
    cut_.word_begin = part.span.begin;
    const auto begin = part.span.begin + (quoted ? 1 : 0);
    place_.prefix = read_.text.substr(begin, cursor_ - begin);
  }

  const Read& read_;
  std::size_t cursor_;
  Place& place_;
  Cut cut_;
};

}  // namespace

Place place_of(std::string_view text, std::size_t cursor, Dialect dialect) {
  cursor = std::min(cursor, text.size());
  Place place;
  place.typed = place.word = {cursor, cursor};
  if (const auto begin = command_begin(text, cursor)) {
    find_command(text, *begin, cursor, place);
    return place;
  }
  const Read read{text, text_parts(text, dialect)};
  auto cut = Cutting(read, cursor, place).cut();
  if (cut.in_comment) return place;
  take_joined(read, cut.before, place);
  Finder(read, std::move(cut.before), place).find();
  Tables(read, cut.statement).find(place);
  if (takes_dots(place.asked) && place.quote == '\0') {
    place.qualifier.clear();
    place.prefix = text.substr(place.typed.begin, cursor - place.typed.begin);
  } else {
    place.typed.begin = cut.word_begin;
  }
  return place;
}

}  // namespace quern
