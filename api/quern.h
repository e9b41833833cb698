/* Quern's C interface: everything that the library does, in plain C types, for C and for every
 * language that calls C (ctypes, cffi, JNI, purego ...). One header, nothing else to include; C11
 * and C++.
 *
 * Values. Handles are opaque. Structs that the library fills begin with `size`, their size in the
 * library that fills them: a newer one may have more members, behind those you know. Structs that
 * you fill begin with `size`, too. Texts are UTF-8 and end in a zero byte; where a `size` stands
 * beside a text that you pass, it may hold zero bytes, and QUERN_WHOLE stands for strlen(). Spans
 * are bytes of the text you passed, QUERN_NO_PLACE where there is none. A text or struct that is
 * handed to you lives as long as the handle it came from, or during the callback; what you keep,
 * copy.
 *
 * Errors. Functions that can fail return QUERN_OK or QUERN_FAILED and take, last, where to put the
 * problems: NULL if you do not want them; else it is set to NULL, or to problems that you free.
 * Where memory ran out it may stay NULL on failure. A call that is wrong in itself fails with code
 * Q9002: NULL for a handle or for what is to be filled, a struct whose size is unset; an index that
 * there is not gives NULL. Free functions take NULL. No C++ exception leaves the library; none may
 * leave a callback.
 *
 * Threads. A session is used by one thread at a time, and so are the rows it gave; quern_cancel()
 * may be called from any thread, callbacks included, as long as the session is not closed. Sessions
 * are independent of each other. A model is read only: any thread, at the same time. Options,
 * parameters and problems: one thread at a time. */
#ifndef QUERN_H
#define QUERN_H

#include <stddef.h>
#include <stdint.h>

/* NOLINTBEGIN(readability-identifier-naming): names of C */

#ifdef __cplusplus
extern "C" {
#endif

#define QUERN_EXPORT __attribute__((visibility("default")))

/* Grows when something is added; the library's name, libquern.so.N, changes when something is taken
 * away. */
#define QUERN_ABI_VERSION 1
#define QUERN_WHOLE ((size_t)-1)
#define QUERN_NO_PLACE ((size_t)-1)

enum { QUERN_OK = 0, QUERN_FAILED = 1, QUERN_END = 2 };

/* ---------------------------------------------------------------- Arrow's C data interface */

/* As its documents have it; the guards are Arrow's own, for other headers that declare the same. */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE
#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4
struct ArrowSchema {
  const char* format;
  const char* name;
  const char* metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema** children;
  struct ArrowSchema* dictionary;
  void (*release)(struct ArrowSchema*);
  void* private_data;
};
struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void** buffers;
  struct ArrowArray** children;
  struct ArrowArray* dictionary;
  void (*release)(struct ArrowArray*);
  void* private_data;
};
#endif
#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE
struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream*, struct ArrowSchema* out);
  int (*get_next)(struct ArrowArrayStream*, struct ArrowArray* out);
  const char* (*get_last_error)(struct ArrowArrayStream*);
  void (*release)(struct ArrowArrayStream*);
  void* private_data;
};
#endif

typedef struct quern_problems quern_problems;
typedef struct quern_options quern_options;
typedef struct quern_parameters quern_parameters;
typedef struct quern_session quern_session;
typedef struct quern_rows quern_rows;
typedef struct quern_model quern_model;
typedef struct quern_compiled quern_compiled;
typedef struct quern_completion quern_completion;

/* ---------------------------------------------------------------- versions */
QUERN_EXPORT uint32_t quern_abi_version(void); /* QUERN_ABI_VERSION of the library that is loaded */
QUERN_EXPORT const char* quern_version(void);  /* "0.1.0" */

/* ---------------------------------------------------------------- problems */
enum { QUERN_ERROR = 0, QUERN_WARNING = 1, QUERN_NOTE = 2 };

typedef struct quern_problem_note {
  size_t size;
  size_t begin, end;
  const char* message;
} quern_problem_note;

typedef struct quern_problem {
  size_t size;
  int32_t severity;    /* QUERN_ERROR ... */
  const char* code;    /* "Q2003": see docs/errors.md; notes have none: "" */
  const char* title;   /* "unknown column" */
  const char* message; /* "unknown column: speces" */
  const char* hint;    /* "did you mean `species`?"; "" where there is none */
  size_t begin, end;   /* what it is about, of the text that `source` names */
  const char* source;  /* "<script>", a file that \i included, "" */
  size_t notes;
  const quern_problem_note* const* note; /* as many */
  const char* rendered; /* the whole as the command line prints it, caret included; several lines */
} quern_problem;

QUERN_EXPORT size_t quern_problems_count(const quern_problems* problems);
QUERN_EXPORT const quern_problem* quern_problems_at(const quern_problems* problems,
                                                    size_t index); /* NULL: none */
QUERN_EXPORT const char* quern_problems_text(
    const quern_problems* problems); /* all of them rendered */
QUERN_EXPORT void quern_problems_free(quern_problems* problems);

/* ---------------------------------------------------------------- options, by name */

/* clang-format off */
/* Of quern_open():  threads     of the database and of trainings; "0": their own defaults
 *                   code_cache  a folder for code that long predictions compile; "": none is kept
 * Of quern_run():   keep_going  "true": later statements run after a failed one
 *                   dry_run     "true": every statement is bound and described, none is run
 *                   name        of the script in problems; "<script>". \i looks for files beside it.
 * A name or value that there is not is an error, and so is an option that the called function does not
 * take. */
/* clang-format on */
QUERN_EXPORT quern_options* quern_options_new(void); /* NULL: out of memory */
QUERN_EXPORT int quern_options_set(quern_options* options, const char* name, const char* value,
                                   quern_problems** problems);
QUERN_EXPORT void quern_options_free(quern_options* options);

/* ---------------------------------------------------------------- parameters */

/* Values for `?`, counted from the first of the text, and `$1`, `$2` ... They are put in as
 * literals that no value can break out of. PostgreSQL has operators that are written `?`: there
 * only `$1`. All must be used. */
QUERN_EXPORT quern_parameters* quern_parameters_new(void); /* NULL: out of memory */
QUERN_EXPORT int quern_parameters_add_null(quern_parameters* parameters);
QUERN_EXPORT int quern_parameters_add_boolean(quern_parameters* parameters, int32_t value);
QUERN_EXPORT int quern_parameters_add_integer(quern_parameters* parameters, int64_t value);
QUERN_EXPORT int quern_parameters_add_number(quern_parameters* parameters, double value);
QUERN_EXPORT int quern_parameters_add_text(quern_parameters* parameters, const char* text,
                                           size_t size);
QUERN_EXPORT int quern_parameters_add_blob(quern_parameters* parameters, const void* data,
                                           size_t size);
/* Days since 1970-01-01, and microseconds since its midnight, without a time zone; of the years 1
 * to 9999. SQLite, which has no types for them, gets them as text. */
QUERN_EXPORT int quern_parameters_add_date(quern_parameters* parameters, int32_t days);
QUERN_EXPORT int quern_parameters_add_timestamp(quern_parameters* parameters, int64_t microseconds);
/* Makes one value, a list, of the `count` values that were added last, in their order; 0: an empty
 * one. Fails where there are fewer, or one of them is a list. MySQL and SQLite have no lists. */
QUERN_EXPORT int quern_parameters_add_list(quern_parameters* parameters, size_t count);
/* Gives the value that was added last to `:name`; it is none of `?` and `$1` any more, and may be
 * left over. `:'name'`, `:"name"` and `${name}` take its text. Fails for what is no name of
 * letters, digits and _. */
QUERN_EXPORT int quern_parameters_name(quern_parameters* parameters, const char* name);
QUERN_EXPORT void quern_parameters_free(quern_parameters* parameters);

/* ---------------------------------------------------------------- sessions */
/* \param uri  "duckdb:file", "duckdb::memory:", "sqlite:file", "postgres://...", "mysql://..."; ""
 * or NULL: the default database. See docs/connections.md. \param options  may be NULL. */
QUERN_EXPORT int quern_open(const char* uri, const quern_options* options, quern_session** session,
                            quern_problems** problems);
/* Ends what runs. Rows and streams of the session then fail with "cancelled"; batches that were
 * handed out stay what they are. */
QUERN_EXPORT void quern_close(quern_session* session);
/* Stops what runs; it fails with code Q4001. Threads: any. */
QUERN_EXPORT void quern_cancel(quern_session* session);
/* "DuckDB 1.4.4"; valid until the next call of quern_engine(). */
QUERN_EXPORT const char* quern_engine(quern_session* session);
/* 1 where the text ends inside a statement, so that a prompt asks for another line; else 0. */
QUERN_EXPORT int quern_needs_more_input(const quern_session* session, const char* text,
                                        size_t size);
/* Gives `:name` a value in the texts to come. */
QUERN_EXPORT int quern_set_variable(quern_session* session, const char* name, const char* value,
                                    quern_problems** problems);
/* `SET quern.<name> = <value>`: "threads", "kernel", "fetch_connections", "model_store",
 * "allow_torchscript". */
QUERN_EXPORT int quern_set(quern_session* session, const char* name, const char* value,
                           quern_problems** problems);
/* What a setting is, as quern_set() takes it; "threads" is "0" for all cores. Valid until the next
 * call of quern_setting(). */
QUERN_EXPORT int quern_setting(quern_session* session, const char* name, const char** value,
                               quern_problems** problems);

/* ---------------------------------------------------------------- for an editor */

/* The text may be unfinished or wrong; `cursor` is a byte of it. The first call after a statement
 * that may have changed the catalog reads it, others take milliseconds. */
typedef struct quern_candidate {
  size_t size;
  const char* text; /* as it is to be written: quoted where that is needed */
  const char* kind; /* "keyword", "table", "column", "attribute" ... */
  const char* doc;  /* one line; may be empty */
} quern_candidate;

/* What could be written at the cursor, in the order in which it is to be offered. */
QUERN_EXPORT int quern_complete(quern_session* session, const char* text, size_t size,
                                size_t cursor, quern_completion** completion,
                                quern_problems** problems);
/* The bytes of the text that a candidate takes the place of. */
QUERN_EXPORT size_t quern_completion_begin(const quern_completion* completion);
QUERN_EXPORT size_t quern_completion_end(const quern_completion* completion);
QUERN_EXPORT size_t quern_completion_count(const quern_completion* completion);
QUERN_EXPORT const quern_candidate* quern_completion_at(const quern_completion* completion,
                                                        size_t index); /* NULL: none */
QUERN_EXPORT void quern_completion_free(quern_completion* completion);

typedef struct quern_inspection {
  size_t size;
  size_t begin, end; /* the word; QUERN_NO_PLACE: there is nothing to say */
  const char* title; /* "attribute eta" */
  const char* text;  /* lines without markup */
} quern_inspection;

/* What the word at the cursor means; valid until the next call of quern_inspect(). */
QUERN_EXPORT int quern_inspect(quern_session* session, const char* text, size_t size, size_t cursor,
                               const quern_inspection** inspection, quern_problems** problems);

/* ---------------------------------------------------------------- running, with callbacks */
typedef struct quern_done {
  size_t size;
  const char* message;   /* "trained iris_model@1: ..."; "" after a query */
  int32_t returned_rows; /* 1: it did */
  int32_t bars;          /* a column of the rows that is worth a bar chart, from 0; -1: none */
  int64_t rows;          /* returned, written or changed */
  double seconds;
  int32_t chart; /* QUERN_CHART_NONE ...: what the rows are best drawn as */
} quern_done;

enum {
  QUERN_CHART_NONE = 0,
  QUERN_CHART_CONFUSION = 1,
  QUERN_CHART_ROC = 2,
  QUERN_CHART_PRECISION_RECALL = 3,
  QUERN_CHART_CALIBRATION = 4,
  QUERN_CHART_ATTRIBUTIONS = 5
};

enum {
  QUERN_STAGE_SCAN = 0,
  QUERN_STAGE_FIT = 1,
  QUERN_STAGE_TRAIN = 2,
  QUERN_STAGE_PREDICT = 3,
  QUERN_STAGE_EVALUATE = 4,
  QUERN_STAGE_EXPLAIN = 5,
  QUERN_STAGE_WRITE = 6
};

typedef struct quern_progress {
  size_t size;
  int32_t stage;         /* QUERN_STAGE_SCAN ...; later versions may have others */
  int32_t round, rounds; /* of the training: done, and in all */
  int32_t fold, folds;   /* from 1; 0: the model itself */
  int32_t trial, trials; /* from 1; 0: the model itself */
  int32_t metrics;
  int64_t rows;                   /* done */
  double seconds;                 /* since the stage began */
  const char* const* metric_name; /* "train mlogloss" */
  const double* metric_value;     /* after this round */
} quern_progress;

/* What a run does, in order, in the thread that called quern_run(). NULL: not wanted. `user` comes
 * back as it was given. */
typedef struct quern_callbacks {
  size_t size; /* sizeof(quern_callbacks) */
  void* user;
  /* Where spans point from now on; heard first of all, and where a file of \i begins or ends. */
  void (*source)(void* user, const char* name, const char* text, size_t text_size);
  void (*echo)(void* user, const char* words); /* `\echo words` */
  /* A statement begins; they are numbered from 1. */
  void (*statement)(void* user, uint64_t number, size_t begin, size_t end);
  /* It begins to return rows. Both structs may be kept: copy them, and set `release` of these to
   * NULL; what is left is released when the callback returns. */
  void (*schema)(void* user, struct ArrowSchema* schema);
  void (*batch)(void* user, struct ArrowArray* batch);
  void (*done)(void* user, const quern_done* done); /* the statement ended well */
  void (*failed)(void* user, double seconds); /* it ended badly; its errors were heard before */
  void (*problem)(void* user, const quern_problem* problem);    /* an error, a warning or a note */
  void (*progress)(void* user, const quern_progress* progress); /* often; must return at once */
} quern_callbacks;

typedef struct quern_summary {
  size_t size;
  uint64_t statements;  /* in the script */
  uint64_t failed;      /* of them */
  uint64_t not_checked; /* of them, in a dry run */
  uint64_t problems;    /* found in the text alone: then no statement was begun */
} quern_summary;

/* Runs the statements of a script one after another. The whole is checked for syntax and attributes
 * first: then nothing runs and every problem is reported. QUERN_OK where all went well.
 * Parameters, options, callbacks, summary and problems may be NULL. Problems are heard by the
 * callback, and those that are errors are put together in `problems` as well. */
QUERN_EXPORT int quern_run(quern_session* session, const char* text, size_t size,
                           const quern_parameters* parameters, const quern_options* options,
                           const quern_callbacks* callbacks, quern_summary* summary,
                           quern_problems** problems);

/* What a statement would do; nothing is run. The plan is what EXPLAIN (FORMAT JSON) gives, "" for
 * plain SQL. */
QUERN_EXPORT int quern_compile(quern_session* session, const char* text, size_t size,
                               const quern_parameters* parameters, quern_compiled** compiled,
                               quern_problems** problems);
/* "returns 2 columns: a INTEGER, b VARCHAR", "trains flowers: ..." */
QUERN_EXPORT const char* quern_compiled_message(const quern_compiled* compiled);
QUERN_EXPORT const char* quern_compiled_plan(const quern_compiled* compiled);
/* QUERN_OK and the columns of its rows, yours to release; QUERN_END where it returns none. */
QUERN_EXPORT int quern_compiled_schema(const quern_compiled* compiled, struct ArrowSchema* out,
                                       quern_problems** problems);
QUERN_EXPORT void quern_compiled_free(quern_compiled* compiled);

/* Has `log` called with a line for each statement that begins and ends, and for each problem; NULL:
 * no more. It is called in the thread that runs the statement: for quern_query() in one of the
 * library's own. Its `severity` is QUERN_ERROR, QUERN_WARNING or QUERN_NOTE. */
QUERN_EXPORT void quern_set_log(quern_session* session,
                                void (*log)(void* user, int32_t severity, const char* line),
                                void* user);

/* ---------------------------------------------------------------- running, with rows you fetch */

/* One statement, which runs in a thread of its own while you fetch: at most a few batches
 * ahead of you, so that memory stays flat. The next call on the session that runs or reads
 * something ends it. */
QUERN_EXPORT int quern_query(quern_session* session, const char* text, size_t size,
                             const quern_parameters* parameters, quern_rows** rows,
                             quern_problems** problems);
/* A struct of the columns; without any where the statement returns no rows. `out` is yours to
 * release. */
QUERN_EXPORT int quern_rows_schema(quern_rows* rows, struct ArrowSchema* out,
                                   quern_problems** problems);
/* QUERN_OK and a batch, yours to release at any time; QUERN_END; or QUERN_FAILED. */
QUERN_EXPORT int quern_rows_next(quern_rows* rows, struct ArrowArray* out,
                                 quern_problems** problems);
/* NULL before the end. */
QUERN_EXPORT const quern_done* quern_rows_done(quern_rows* rows);
/* Warnings and notes heard since this was last asked. */
QUERN_EXPORT int quern_rows_notes(quern_rows* rows, quern_problems** notes);
/* The same rows as an Arrow stream, which may outlive `rows` and is released by its taker. */
QUERN_EXPORT int quern_rows_stream(quern_rows* rows, struct ArrowArrayStream* out,
                                   quern_problems** problems);
/* Ends the statement, unless a stream still has it. */
QUERN_EXPORT void quern_rows_free(quern_rows* rows);

/* ---------------------------------------------------------------- models in memory */
/* \param name  as USING takes it: "m", "schema.m@2". */
QUERN_EXPORT int quern_model_open(quern_session* session, const char* name, quern_model** model,
                                  quern_problems** problems);
/* A file of EXPORT MODEL, or of XGBoost: needs no database. */
QUERN_EXPORT int quern_model_from_file(const char* path, quern_model** model,
                                       quern_problems** problems);
QUERN_EXPORT void quern_model_free(quern_model* model);

/* What a row consists of, in this order. */
QUERN_EXPORT size_t quern_model_columns(const quern_model* model);
QUERN_EXPORT const char* quern_model_column_name(const quern_model* model,
                                                 size_t column); /* NULL: no such column */
QUERN_EXPORT const char* quern_model_column_kind(const quern_model* model,
                                                 size_t column); /* "float64", "text" ... */
QUERN_EXPORT int32_t quern_model_column_elements(const quern_model* model,
                                                 size_t column); /* of lists; else 0 */
/* The names of the classes, in their order; 0 where the model predicts a number. */
QUERN_EXPORT size_t quern_model_classes(const quern_model* model);
QUERN_EXPORT const char* quern_model_class_name(const quern_model* model,
                                                size_t index); /* NULL: no such class */
/* Floats that a row is answered with: 1 for a number, as many as a label that is a vector has
 * numbers, one for each component or number of an encoding, else one for each class or cluster. */
QUERN_EXPORT size_t quern_model_outputs(const quern_model* model);

enum { QUERN_VALUE_NULL = 0, QUERN_VALUE_NUMBER = 1, QUERN_VALUE_TEXT = 2, QUERN_VALUE_LIST = 3 };

/* One value of a row. Never grows: rows are arrays of it. */
typedef struct quern_value {
  int32_t kind;     /* QUERN_VALUE_NULL ... */
  int32_t reserved; /* 0 */
  double number; /* booleans as 0 and 1; dates as days, timestamps as microseconds since 1970, times
                    in seconds */
  const void* data; /* of a text: its bytes; of a list: doubles. Borrowed during the call. */
  size_t count;     /* bytes, or doubles */
} quern_value;

/* Fills `out`: the number or numbers, or the probability of each class, as TO PREDICT does it, bit
 * by bit. */
QUERN_EXPORT int quern_model_predict_row(const quern_model* model, const quern_value* row,
                                         size_t columns, float* out, size_t outputs,
                                         quern_problems** problems);
/* The class that TO PREDICT calls, from what quern_model_predict_row() filled in; 0 where there are
 * none. */
QUERN_EXPORT size_t quern_model_class_of(const quern_model* model, const float* out,
                                         size_t outputs);
/* Scores rows in columns: a struct array, such as a record batch, whose fields are found by name;
 * others are left alone. The inputs are only read and stay yours. Gives a struct array of
 * `predicted` (float32, a list of them, or the class as text) and, of a model of classes, a float32
 * column `probability_<class>` for each. Both are yours to release. */
QUERN_EXPORT int quern_model_predict(const quern_model* model, const struct ArrowSchema* schema,
                                     const struct ArrowArray* rows, struct ArrowSchema* out_schema,
                                     struct ArrowArray* out, quern_problems** problems);

#ifdef __cplusplus
}
#endif

/* NOLINTEND(readability-identifier-naming) */

#endif
