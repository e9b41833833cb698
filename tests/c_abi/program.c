/* Every function of the C interface, from a program in C. What it computes is checked against SQL's
 * own answer. */
#include <math.h>

#include "tests/c_abi/checking.h"

#define ROWS 5000

/* ------------------------------------------------------------------ what callbacks heard */
typedef struct heard {
  int sources, statements, schemas, batches, done, failed, problems, progress, echoes;
  int64_t rows;
  int64_t sum;
  char last_message[200];
  char last_code[8];
  char last_source[100];
  char columns[100];
  struct ArrowArray kept;
} heard;

static void on_source(void* user, const char* name, const char* text, size_t size) {
  heard* h = user;
  ++h->sources;
  snprintf(h->last_source, sizeof h->last_source, "%s", name);
  CHECK(text != NULL && size > 0);
}
static void on_echo(void* user, const char* words) {
  heard* h = user;
  ++h->echoes;
  CHECK(strcmp(words, "half way") == 0);
}
static void on_statement(void* user, uint64_t number, size_t begin, size_t end) {
  heard* h = user;
  CHECK(number == (uint64_t)++h->statements);
  CHECK(begin < end);
}
static void on_schema(void* user, struct ArrowSchema* schema) {
  heard* h = user;
  ++h->schemas;
  h->columns[0] = 0;
  CHECK(strcmp(schema->format, "+s") == 0);
  for (int64_t i = 0; i < schema->n_children; ++i) {
    strncat(h->columns, schema->children[i]->name, 20);
    strncat(h->columns, ":", 2);
    strncat(h->columns, schema->children[i]->format, 20);
    strncat(h->columns, " ", 2);
  }
}
static void on_batch(void* user, struct ArrowArray* batch) {
  heard* h = user;
  ++h->batches;
  h->rows += batch->length;
  const struct ArrowArray* first = batch->children[0];
  const int64_t* values = first->buffers[1];
  for (int64_t i = 0; i < batch->length; ++i) h->sum += values[first->offset + i];
  if (h->kept.release != NULL) h->kept.release(&h->kept);
  h->kept = *batch; /* moved: ours from now on */
  batch->release = NULL;
}
static void on_done(void* user, const quern_done* done) {
  heard* h = user;
  ++h->done;
  CHECK(done->size >= sizeof(quern_done));
  CHECK(done->seconds >= 0);
  snprintf(h->last_message, sizeof h->last_message, "%s", done->message);
}
static void on_failed(void* user, double seconds) {
  heard* h = user;
  ++h->failed;
  CHECK(seconds >= 0);
}
static void on_problem(void* user, const quern_problem* problem) {
  heard* h = user;
  ++h->problems;
  CHECK(problem->size >= sizeof(quern_problem));
  snprintf(h->last_code, sizeof h->last_code, "%s", problem->code);
}
static void on_progress(void* user, const quern_progress* progress) {
  heard* h = user;
  ++h->progress;
  CHECK(progress->size >= sizeof(quern_progress));
  CHECK(progress->metrics == 0 ||
        (progress->metric_name[0] != NULL && isfinite(progress->metric_value[0])));
}

static quern_callbacks callbacks_to(heard* h) {
  memset(h, 0, sizeof *h);
  quern_callbacks out = {sizeof(quern_callbacks),
                         h,
                         on_source,
                         on_echo,
                         on_statement,
                         on_schema,
                         on_batch,
                         on_done,
                         on_failed,
                         on_problem,
                         on_progress};
  return out;
}

/* ------------------------------------------------------------------ options and versions */
static void test_versions(void) {
  CHECK(quern_abi_version() == QUERN_ABI_VERSION);
  CHECK(strchr(quern_version(), '.') != NULL);
}

static void test_options(void) {
  quern_problems* problems = NULL;
  quern_options* options = quern_options_new();
  CHECK(quern_options_set(options, "threads", "2", &problems) == QUERN_OK && problems == NULL);
  CHECK(quern_options_set(options, "code_cache", "", NULL) == QUERN_OK);
  CHECK(quern_options_set(options, "thread", "2", &problems) == QUERN_FAILED);
  CHECK(fails_with(problems, "Q1030", "unknown option: thread"));
  CHECK(quern_options_set(options, "threads", "many", &problems) == QUERN_FAILED);
  CHECK(fails_with(problems, "Q1013", "not `many`"));
  CHECK(quern_options_set(options, "dry_run", "yes", &problems) == QUERN_FAILED);
  CHECK(fails_with(problems, "Q1012", "true or false"));
  quern_session* session = NULL;
  CHECK(quern_open("duckdb::memory:", options, &session, &problems) == QUERN_OK);
  CHECK(strncmp(quern_engine(session), "DuckDB 1.", 9) == 0);
  CHECK(quern_run(session, "SELECT 1", QUERN_WHOLE, NULL, options, NULL, NULL, &problems) ==
        QUERN_FAILED);
  CHECK(fails_with(problems, "Q1030", "of quern_open()"));
  quern_close(session);
  quern_options_free(options);
  options = quern_options_new();
  CHECK(quern_options_set(options, "name", "x.sql", NULL) == QUERN_OK);
  CHECK(quern_open("", options, &session, &problems) == QUERN_FAILED && session == NULL);
  CHECK(fails_with(problems, "Q1030", "of quern_run()"));
  quern_options_free(options);
  CHECK(quern_open("oracle:x", NULL, &session, &problems) == QUERN_FAILED && session == NULL);
  CHECK(fails_with(problems, "Q5003", "oracle"));
}

/* ------------------------------------------------------------------ callbacks */
static void test_run(quern_session* session) {
  heard h;
  quern_callbacks callbacks = callbacks_to(&h);
  quern_summary summary = {.size = sizeof summary};
  quern_problems* problems = NULL;
  const char* text =
      "CREATE TABLE n AS SELECT range AS i, range % 3 AS k FROM range(5000);\n"
      "\\echo half way\n"
      "SELECT i, k FROM n;";
  CHECK(quern_run(session, text, strlen(text), NULL, NULL, &callbacks, &summary, &problems) ==
        QUERN_OK);
  show(problems);
  CHECK(summary.statements == 2 && summary.failed == 0 && summary.problems == 0 &&
        summary.not_checked == 0);
  CHECK(h.sources == 1 && h.statements == 2 && h.schemas == 1 && h.done == 2 && h.failed == 0 &&
        h.echoes == 1);
  CHECK(strcmp(h.last_source, "<script>") == 0);
  CHECK(strcmp(h.columns, "i:l k:l ") == 0);
  CHECK(h.batches > 1 && h.rows == ROWS && h.sum == (int64_t)ROWS * (ROWS - 1) / 2);
  /* The last batch was kept, and is read after the run. */
  CHECK(((const int64_t*)h.kept.children[0]->buffers[1])[h.kept.length - 1] == ROWS - 1);
  h.kept.release(&h.kept);
  CHECK(h.kept.release == NULL);
}

static void test_failures(quern_session* session) {
  heard h;
  quern_callbacks callbacks = callbacks_to(&h);
  quern_summary summary = {.size = sizeof summary};
  quern_problems* problems = NULL;
  CHECK(quern_run(session, "SELECT\n  speces FROM n", QUERN_WHOLE, NULL, NULL, &callbacks, &summary,
                  &problems) == QUERN_FAILED);
  CHECK(h.failed == 1 && h.problems == 1 && strcmp(h.last_code, "Q2001") == 0 &&
        summary.failed == 1);
  CHECK(quern_problems_count(problems) == 1);
  const quern_problem* first = quern_problems_at(problems, 0);
  CHECK(first->severity == QUERN_ERROR && first->begin == 9 && first->end == 15);
  CHECK(strcmp(first->title, "the database rejects the query") == 0 &&
        strcmp(first->source, "<script>") == 0);
  CHECK(strstr(first->rendered, "--> <script>:2:3") != NULL &&
        strstr(first->rendered, "^^^^^^") != NULL);
  CHECK(strcmp(first->rendered, quern_problems_text(problems)) == 0);
  CHECK(quern_problems_at(problems, 1) == NULL);
  quern_problems_free(problems);

  const char* clause = "SELECT * FROM n TO TRAIN xgboost.gbtree WITH max_dept = 3 LABEL k INTO m";
  CHECK(quern_run(session, clause, QUERN_WHOLE, NULL, NULL, NULL, &summary, &problems) ==
        QUERN_FAILED);
  CHECK(summary.problems == 1 && strstr(quern_problems_at(problems, 0)->hint, "max_depth") != NULL);
  CHECK(fails_with(problems, "Q1011", "max_dept"));
  /* An older caller's struct is filled as far as it goes. */
  summary.statements = 0;
  summary.problems = 77;
  summary.size = offsetof(quern_summary, problems);
  CHECK(quern_run(session, clause, QUERN_WHOLE, NULL, NULL, NULL, &summary, NULL) == QUERN_FAILED);
  CHECK(summary.statements == 1 && summary.problems == 77);
}

static void test_run_options(quern_session* session) {
  quern_options* options = quern_options_new();
  quern_summary summary = {.size = sizeof summary};
  quern_problems* problems = NULL;
  quern_options_set(options, "keep_going", "true", NULL);
  quern_options_set(options, "name", "job.sql", NULL);
  CHECK(quern_run(session, "SELECT a FROM nowhere; SELECT 1", QUERN_WHOLE, NULL, options, NULL,
                  &summary, &problems) == QUERN_FAILED);
  CHECK(summary.statements == 2 && summary.failed == 1);
  CHECK(strstr(quern_problems_text(problems), "--> job.sql:1:15") != NULL);
  quern_problems_free(problems);
  quern_options_set(options, "dry_run", "true", NULL);
  CHECK(quern_run(session, "CREATE TABLE d (a INT); SELECT a FROM d", QUERN_WHOLE, NULL, options,
                  NULL, &summary, NULL) == QUERN_OK);
  CHECK(summary.not_checked == 1);
  CHECK(run(session, "CREATE TABLE d (a INT); DROP TABLE d;") ==
        QUERN_OK); /* it was not made before */
  quern_options_free(options);
}

static void test_small_things(quern_session* session) {
  quern_problems* problems = NULL;
  CHECK(quern_needs_more_input(session, "SELECT (1", QUERN_WHOLE) == 1);
  CHECK(quern_needs_more_input(session, "SELECT 1;", QUERN_WHOLE) == 0);
  CHECK(quern_set_variable(session, "v", "it's", &problems) == QUERN_OK);
  CHECK(quern_set_variable(session, "1v", "x", &problems) == QUERN_FAILED);
  CHECK(fails_with(problems, "Q1009", "1v"));
  CHECK(quern_set(session, "threads", "2", &problems) == QUERN_OK);
  show(problems);
  CHECK(quern_set(session, "kernel", "interpreted", &problems) == QUERN_OK);
  show(problems);
  CHECK(quern_set(session, "thread", "2", &problems) == QUERN_FAILED);
  CHECK(fails_with(problems, "Q1030", "thread"));
  CHECK(quern_set(session, "kernel", "'; DROP TABLE n; --", &problems) == QUERN_FAILED);
  quern_problems_free(problems);
  CHECK(run(session, "SELECT count(*) FROM n") == QUERN_OK);
  quern_cancel(session); /* nothing runs: nothing happens */
  CHECK(run(session, "SELECT 1") == QUERN_OK);
}

/* ------------------------------------------------------------------ log and plan */
typedef struct lines {
  int count;
  int errors;
  char all[600];
} lines;

static void on_line(void* user, int32_t severity, const char* line) {
  lines* l = user;
  ++l->count;
  l->errors += severity == QUERN_ERROR;
  strncat(l->all, line, sizeof l->all - strlen(l->all) - 1);
  strncat(l->all, "|", sizeof l->all - strlen(l->all) - 1);
}

static void test_log(quern_session* session) {
  lines heard = {0, 0, ""};
  quern_set_log(session, on_line, &heard);
  CHECK(run(session, "SELECT i\nFROM n") == QUERN_OK);
  CHECK(heard.count == 2 && heard.errors == 0);
  CHECK(strncmp(heard.all, "statement 1: SELECT i FROM n|statement 1: 5000 rows in ", 54) == 0);
  CHECK(quern_run(session, "SELECT x FROM n", QUERN_WHOLE, NULL, NULL, NULL, NULL, NULL) ==
        QUERN_FAILED);
  CHECK(heard.count == 5 && heard.errors == 2 &&
        strstr(heard.all, "statement 1: Q2001 duckdb: ") != NULL);
  quern_set_log(session, NULL, NULL);
  CHECK(run(session, "SELECT 1") == QUERN_OK && heard.count == 5);
}

static void test_compile(quern_session* session) {
  quern_compiled* compiled = NULL;
  quern_problems* problems = NULL;
  quern_parameters* values = quern_parameters_new();
  struct ArrowSchema schema;
  quern_parameters_add_integer(values, 3);
  CHECK(quern_compile(session, "SELECT i, k FROM n WHERE i > ?", QUERN_WHOLE, values, &compiled,
                      &problems) == QUERN_OK);
  show(problems);
  CHECK(strcmp(quern_compiled_message(compiled), "returns 2 columns: i BIGINT, k BIGINT") == 0);
  CHECK(quern_compiled_schema(compiled, &schema, NULL) == QUERN_OK && schema.n_children == 2);
  CHECK(*quern_compiled_plan(compiled) == 0);
  schema.release(&schema);
  quern_compiled_free(compiled);
  const char* train =
      "SELECT * FROM n TO TRAIN xgboost.gbtree WITH num_round = ? LABEL k INTO planned";
  CHECK(quern_compile(session, train, QUERN_WHOLE, values, &compiled, &problems) == QUERN_OK);
  show(problems);
  CHECK(strncmp(quern_compiled_message(compiled), "trains planned: ", 16) == 0);
  CHECK(quern_compiled_plan(compiled)[0] == '{' &&
        strstr(quern_compiled_plan(compiled), "\"rounds\":3") != NULL);
  CHECK(quern_compiled_schema(compiled, &schema, NULL) == QUERN_END);
  quern_compiled_free(compiled);
  quern_parameters_free(values);
  CHECK(quern_compile(session, "SELECT i FROM nn", QUERN_WHOLE, NULL, &compiled, &problems) ==
        QUERN_FAILED);
  CHECK(compiled == NULL && fails_with(problems, "Q2001", "nn"));
  quern_model* model = NULL;
  CHECK(quern_model_open(session, "planned", &model, NULL) ==
        QUERN_FAILED); /* it was not trained */
}

/* ------------------------------------------------------------------ rows */
static void test_rows(quern_session* session) {
  quern_rows* rows = NULL;
  quern_problems* problems = NULL;
  struct ArrowSchema schema;
  struct ArrowArray batch;
  int64_t sum = 0;
  int status = 0;
  CHECK(quern_query(session, "SELECT i AS value FROM n", QUERN_WHOLE, NULL, &rows, &problems) ==
        QUERN_OK);
  CHECK(quern_rows_schema(rows, &schema, &problems) == QUERN_OK);
  CHECK(schema.n_children == 1 && strcmp(schema.children[0]->name, "value") == 0);
  CHECK(schema.children[0]->flags == ARROW_FLAG_NULLABLE && schema.children[0]->metadata != NULL);
  schema.release(&schema);
  CHECK(quern_rows_done(rows) == NULL);
  while ((status = quern_rows_next(rows, &batch, &problems)) == QUERN_OK) {
    const int64_t* values = batch.children[0]->buffers[1];
    for (int64_t i = 0; i < batch.length; ++i) sum += values[i];
    batch.release(&batch);
  }
  CHECK(status == QUERN_END && sum == (int64_t)ROWS * (ROWS - 1) / 2);
  CHECK(quern_rows_next(rows, &batch, &problems) == QUERN_END);
  CHECK(quern_rows_done(rows)->rows == ROWS && quern_rows_done(rows)->returned_rows == 1);
  CHECK(quern_rows_notes(rows, &problems) == QUERN_OK && quern_problems_count(problems) == 0);
  quern_problems_free(problems);
  quern_rows_free(rows);

  CHECK(quern_query(session, "CREATE TABLE q (a INT)", QUERN_WHOLE, NULL, &rows, &problems) ==
        QUERN_OK);
  CHECK(quern_rows_schema(rows, &schema, NULL) == QUERN_OK && schema.n_children == 0);
  schema.release(&schema);
  CHECK(quern_rows_next(rows, &batch, NULL) == QUERN_END);
  CHECK(strcmp(quern_rows_done(rows)->message, "ok") == 0);
  quern_rows_free(rows);

  CHECK(quern_query(session, "SELECT 1; SELECT 2", QUERN_WHOLE, NULL, &rows, &problems) ==
        QUERN_FAILED);
  CHECK(rows == NULL && fails_with(problems, "Q1001", "several statements"));
  CHECK(quern_query(session, " ; ", QUERN_WHOLE, NULL, &rows, &problems) == QUERN_FAILED);
  CHECK(fails_with(problems, "Q1001", "no statement"));
  CHECK(quern_query(session, "SELECT 1 + x", QUERN_WHOLE, NULL, &rows, &problems) == QUERN_FAILED);
  CHECK(strstr(quern_problems_text(problems), "--> <query>:1:12") != NULL);
  CHECK(fails_with(problems, "Q2001", "x"));
}

static void test_rows_that_fail(quern_session* session) {
  quern_rows* rows = NULL;
  quern_problems* problems = NULL;
  struct ArrowArray batch;
  int status = 0;
  const char* text =
      "SELECT CASE WHEN range = 1900000 THEN error('broken') ELSE range::VARCHAR END FROM "
      "range(2000000)";
  CHECK(quern_query(session, text, QUERN_WHOLE, NULL, &rows, &problems) == QUERN_OK);
  while ((status = quern_rows_next(rows, &batch, &problems)) == QUERN_OK) batch.release(&batch);
  CHECK(status == QUERN_FAILED && batch.release == NULL && quern_rows_done(rows) == NULL);
  CHECK(fails_with(problems, "Q5001", "broken"));
  quern_rows_free(rows);
  /* Rows are ended by what comes after them. */
  quern_rows* left = NULL;
  CHECK(quern_query(session, "SELECT * FROM range(100000000)", QUERN_WHOLE, NULL, &left,
                    &problems) == QUERN_OK);
  CHECK(first_integer(session, "SELECT 42::BIGINT", NULL) == 42);
  CHECK(quern_rows_next(left, &batch, &problems) == QUERN_FAILED);
  CHECK(fails_with(problems, "Q4001", "cancelled"));
  quern_rows_free(left);
}

static void test_stream(quern_session* session) {
  quern_rows* rows = NULL;
  quern_problems* problems = NULL;
  struct ArrowArrayStream stream;
  struct ArrowSchema schema;
  struct ArrowArray batch;
  int64_t count = 0;
  CHECK(quern_query(session, "SELECT i FROM n", QUERN_WHOLE, NULL, &rows, &problems) == QUERN_OK);
  CHECK(quern_rows_stream(rows, &stream, &problems) == QUERN_OK);
  quern_rows_free(rows); /* the stream goes on */
  CHECK(stream.get_schema(&stream, &schema) == 0 && schema.n_children == 1);
  schema.release(&schema);
  while (stream.get_next(&stream, &batch) == 0 && batch.release != NULL) {
    count += batch.length;
    struct ArrowArray column = *batch.children[0]; /* Arrow lets children be moved out */
    batch.children[0]->release = NULL;
    batch.release(&batch);
    CHECK(((const int64_t*)column.buffers[1])[0] == count - column.length);
    column.release(&column);
  }
  CHECK(count == ROWS && stream.get_last_error(&stream) == NULL);
  stream.release(&stream);
  CHECK(stream.release == NULL);
  /* Released early: the statement ends, and the session goes on. */
  CHECK(quern_query(session, "SELECT * FROM range(100000000)", QUERN_WHOLE, NULL, &rows,
                    &problems) == QUERN_OK);
  CHECK(quern_rows_stream(rows, &stream, NULL) == QUERN_OK);
  quern_rows_free(rows);
  CHECK(stream.get_next(&stream, &batch) == 0);
  stream.release(&stream);
  CHECK(((const int64_t*)batch.children[0]->buffers[1])[1] == 1);
  batch.release(&batch);
  CHECK(first_integer(session, "SELECT 43::BIGINT", NULL) == 43);
}

static void test_parameters(quern_session* session) {
  quern_parameters* values = quern_parameters_new();
  quern_problems* problems = NULL;
  quern_rows* rows = NULL;
  CHECK(quern_parameters_add_integer(values, 7) == QUERN_OK);
  CHECK(quern_parameters_add_text(values, "it's -- \"not\" \\over", QUERN_WHOLE) == QUERN_OK);
  CHECK(quern_parameters_add_number(values, 0.1) == QUERN_OK);
  CHECK(quern_parameters_add_boolean(values, 1) == QUERN_OK);
  CHECK(quern_parameters_add_blob(values, "\0'x", 3) == QUERN_OK);
  CHECK(quern_parameters_add_null(values) == QUERN_OK);
  const char* text =
      "SELECT CAST(? + length(?) * 1000 + (? = 0.1::DOUBLE)::INT * 100000 + ?::INT * 1000000 + "
      "octet_length(?) "
      "* 10000000 + (? IS NULL)::INT * 100000000 AS BIGINT)";
  CHECK(first_integer(session, text, values) == 131119007);
  CHECK(quern_query(session, "SELECT $1", QUERN_WHOLE, values, &rows, &problems) == QUERN_FAILED);
  CHECK(fails_with(problems, "Q1008", "parameter 2 is used nowhere"));
  CHECK(quern_query(session, "SELECT $7", QUERN_WHOLE, values, &rows, &problems) == QUERN_FAILED);
  CHECK(fails_with(problems, "Q1007", "parameter 7 has no value: 6 were given"));
  CHECK(quern_query(session, "SELECT ?", QUERN_WHOLE, NULL, &rows, &problems) == QUERN_FAILED);
  CHECK(fails_with(problems, "Q2001", "parameters"));
  quern_parameters_free(values);
}

/* ------------------------------------------------------------------ NULL everywhere */
static void test_null(void) {
  quern_problems* problems = NULL;
  struct ArrowArray batch;
  struct ArrowSchema schema;
  CHECK(quern_open("duckdb::memory:", NULL, NULL, &problems) == QUERN_FAILED);
  CHECK(fails_with(problems, "Q9002", "NULL for the session"));
  CHECK(quern_run(NULL, "SELECT 1", QUERN_WHOLE, NULL, NULL, NULL, NULL, NULL) == QUERN_FAILED);
  CHECK(quern_query(NULL, "SELECT 1", QUERN_WHOLE, NULL, NULL, NULL) == QUERN_FAILED);
  CHECK(quern_rows_next(NULL, &batch, NULL) == QUERN_FAILED &&
        quern_rows_schema(NULL, &schema, NULL) == QUERN_FAILED);
  CHECK(quern_rows_done(NULL) == NULL && quern_rows_notes(NULL, &problems) == QUERN_FAILED);
  quern_problems_free(problems);
  CHECK(quern_rows_stream(NULL, NULL, NULL) == QUERN_FAILED &&
        quern_set(NULL, "a", "b", NULL) == QUERN_FAILED);
  CHECK(quern_set_variable(NULL, NULL, NULL, NULL) == QUERN_FAILED &&
        quern_needs_more_input(NULL, NULL, 0) == 0);
  CHECK(quern_options_set(NULL, "a", "b", NULL) == QUERN_FAILED &&
        quern_parameters_add_null(NULL) == QUERN_FAILED);
  CHECK(quern_model_open(NULL, "m", NULL, NULL) == QUERN_FAILED && quern_model_outputs(NULL) == 0);
  CHECK(quern_model_predict_row(NULL, NULL, 0, NULL, 0, NULL) == QUERN_FAILED &&
        quern_model_columns(NULL) == 0);
  CHECK(quern_model_predict(NULL, NULL, NULL, NULL, NULL, NULL) == QUERN_FAILED &&
        quern_model_classes(NULL) == 0);
  CHECK(quern_model_class_of(NULL, NULL, 0) == 0 && quern_problems_count(NULL) == 0);
  CHECK(quern_problems_at(NULL, 0) == NULL && *quern_problems_text(NULL) == 0 &&
        *quern_engine(NULL) == 0);
  CHECK(quern_compile(NULL, NULL, 0, NULL, NULL, NULL) == QUERN_FAILED &&
        *quern_compiled_message(NULL) == 0);
  CHECK(*quern_compiled_plan(NULL) == 0 && quern_compiled_schema(NULL, NULL, NULL) == QUERN_FAILED);
  quern_set_log(NULL, NULL, NULL);
  quern_compiled_free(NULL);
  quern_cancel(NULL);
  quern_close(NULL);
  quern_rows_free(NULL);
  quern_model_free(NULL);
  quern_options_free(NULL);
  quern_parameters_free(NULL);
  quern_problems_free(NULL);
}

static void test_named_parameters(quern_session* session) {
  quern_parameters* values = quern_parameters_new();
  CHECK(quern_parameters_name(values, "x") == QUERN_FAILED); /* there is no value yet */
  CHECK(quern_parameters_add_text(values, "it's", QUERN_WHOLE) == QUERN_OK);
  CHECK(quern_parameters_name(values, "not a name") == QUERN_FAILED);
  CHECK(quern_parameters_name(values, "x") == QUERN_OK);
  CHECK(quern_parameters_add_integer(values, -7) == QUERN_OK);
  CHECK(quern_parameters_name(values, "left_over") == QUERN_OK);
  heard h = {0};
  const quern_callbacks calls = {.size = sizeof calls, .user = &h, .batch = on_batch};
  const char* text = "SELECT length(:x) + strlen(:'x') + :left_over";
  quern_problems* problems = NULL;
  CHECK(quern_run(session, text, QUERN_WHOLE, values, NULL, &calls, NULL, &problems) == QUERN_OK);
  show(problems);
  CHECK(h.rows == 1 && h.sum == 4 + 4 - 7);
  if (h.kept.release != NULL) h.kept.release(&h.kept);
  quern_rows* rows = NULL;
  CHECK(quern_query(session, "SELECT :x", QUERN_WHOLE, values, &rows, NULL) == QUERN_OK);
  quern_rows_free(rows);
  quern_parameters_free(values);
}

static void test_typed_parameters(quern_session* session) {
  quern_parameters* values = quern_parameters_new();
  quern_problems* problems = NULL;
  CHECK(quern_parameters_add_date(values, 19782) == QUERN_OK); /* 2024-02-29 */
  CHECK(quern_parameters_add_timestamp(values, -1) == QUERN_OK);
  CHECK(quern_parameters_add_integer(values, 40) == QUERN_OK);
  CHECK(quern_parameters_add_list(values, 0) == QUERN_OK);
  CHECK(quern_parameters_add_list(values, 2) == QUERN_FAILED); /* a list in a list */
  CHECK(quern_parameters_add_list(values, 9) == QUERN_FAILED); /* there are 4 */
  CHECK(quern_parameters_add_list(NULL, 0) == QUERN_FAILED);
  CHECK(quern_parameters_add_integer(values, -1) == QUERN_OK);
  CHECK(quern_parameters_add_null(values) == QUERN_OK);
  CHECK(quern_parameters_add_list(values, 2) == QUERN_OK);
  const char* text =
      "SELECT CAST(day($1) + 100 * ($2 < TIMESTAMP '1970-01-01')::INT + 1000 * len($4) + 10000 * "
      "len($5) "
      "+ 100000 * $5[1] + 1000000 * $3 AS BIGINT) WHERE $2 > TIMESTAMP '1969-12-31 "
      "23:59:59.999998'";
  CHECK(first_integer(session, text, values) == 29 + 100 + 20000 - 100000 + 40000000);
  quern_parameters_free(values);
  values = quern_parameters_new();
  quern_rows* rows = NULL;
  CHECK(quern_parameters_add_date(values, 2147483647) == QUERN_OK);
  CHECK(quern_query(session, "SELECT ?", QUERN_WHOLE, values, &rows, &problems) == QUERN_FAILED);
  CHECK(fails_with(problems, "Q1008", "years 1 to 9999"));
  quern_parameters_free(values);
}

static void test_settings(quern_session* session) {
  const char* value = NULL;
  quern_problems* problems = NULL;
  CHECK(quern_set(session, "kernel", "portable", NULL) == QUERN_OK);
  CHECK(quern_setting(session, "kernel", &value, &problems) == QUERN_OK);
  CHECK(strcmp(value, "portable") == 0);
  CHECK(quern_set(session, "kernel", "auto", NULL) == QUERN_OK);
  CHECK(quern_setting(session, "kernel", &value, NULL) == QUERN_OK && strcmp(value, "auto") == 0);
  CHECK(quern_setting(session, "model_store", &value, NULL) == QUERN_OK);
  CHECK(strcmp(value, "default") == 0);
  CHECK(quern_setting(session, "fetch_connections", &value, NULL) == QUERN_OK);
  CHECK(strcmp(value, "2") == 0);
  CHECK(quern_setting(session, "kernels", &value, &problems) == QUERN_FAILED && value == NULL);
  CHECK(fails_with(problems, "Q1030", "unknown setting: kernels"));
  CHECK(quern_setting(session, "kernel", NULL, &problems) == QUERN_FAILED);
  CHECK(fails_with(problems, "Q9002", "NULL for the value"));
}

static void test_editor(quern_session* session) {
  const char* text = "SELECT 1 AS a TO TRAIN xgboost.gbtree WITH et";
  quern_completion* found = NULL;
  quern_problems* problems = NULL;
  CHECK(quern_complete(session, text, QUERN_WHOLE, strlen(text), &found, &problems) == QUERN_OK);
  show(problems);
  int eta = 0;
  for (size_t i = 0; i < quern_completion_count(found); ++i) {
    const quern_candidate* one = quern_completion_at(found, i);
    CHECK(one->size == sizeof *one && strncmp(one->text, "et", 2) == 0);
    eta += strncmp(one->text, "eta", 3) == 0 && strcmp(one->kind, "attribute") == 0 && *one->doc;
  }
  CHECK(eta == 1 && quern_completion_at(found, quern_completion_count(found)) == NULL);
  CHECK(quern_completion_begin(found) == strlen(text) - 2);
  CHECK(quern_completion_end(found) == strlen(text));
  quern_completion_free(found);
  const char* whole = "SELECT 1 AS a TO TRAIN xgboost.gbtree WITH eta = 1 LABEL a INTO m";
  const quern_inspection* word = NULL;
  CHECK(quern_inspect(session, whole, QUERN_WHOLE, 44, &word, &problems) == QUERN_OK);
  CHECK(word->begin == 43 && word->end == 46 && strstr(word->title, "eta") && *word->text);
  CHECK(quern_complete(NULL, text, QUERN_WHOLE, 0, &found, NULL) == QUERN_FAILED && found == NULL);
  CHECK(quern_inspect(session, NULL, 3, 0, &word, NULL) == QUERN_FAILED && word == NULL);
  CHECK(quern_completion_count(NULL) + quern_completion_begin(NULL) + quern_completion_end(NULL) ==
        0);
  quern_completion_free(NULL);
}

int main(void) {
  test_versions();
  test_options();
  test_null();
  quern_session* session = open_memory();
  test_run(session);
  test_failures(session);
  test_run_options(session);
  test_small_things(session);
  test_log(session);
  test_compile(session);
  test_rows(session);
  test_rows_that_fail(session);
  test_stream(session);
  test_parameters(session);
  test_named_parameters(session);
  test_typed_parameters(session);
  test_settings(session);
  test_editor(session);
  quern_close(session);
  return ends_with_status();
}
