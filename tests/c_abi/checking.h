/* What the C programs of this folder share: a check that says where it failed, and goes on. */
#ifndef QUERN_TESTS_CHECKING_H
#define QUERN_TESTS_CHECKING_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/quern.h"

static int failures = 0;

static void check_at(int holds, const char* what, const char* file, int line) {
  if (holds) return;
  ++failures;
  fprintf(stderr, "%s:%d: %s\n", file, line, what);
}
#define CHECK(condition) check_at((condition) != 0, #condition, __FILE__, __LINE__)

static int ends_with_status(void) {
  if (failures == 0) return 0;
  fprintf(stderr, "%d checks failed\n", failures);
  return 1;
}

/* Frees the problems; shows those that nobody expects. */
static inline void show(quern_problems* problems) {
  if (problems == NULL) return;
  fputs(quern_problems_text(problems), stderr);
  quern_problems_free(problems);
}

static inline int fails_with(quern_problems* problems, const char* code, const char* words) {
  const quern_problem* first = quern_problems_at(problems, 0);
  int as_expected =
      first != NULL && strcmp(first->code, code) == 0 && strstr(first->message, words) != NULL;
  if (!as_expected)
    fprintf(stderr, "expected %s %s, got: %s\n", code, words, quern_problems_text(problems));
  quern_problems_free(problems);
  return as_expected;
}

static inline quern_session* open_memory(void) {
  quern_session* session = NULL;
  quern_problems* problems = NULL;
  CHECK(quern_open("duckdb::memory:", NULL, &session, &problems) == QUERN_OK);
  show(problems);
  if (session == NULL) exit(2);
  return session;
}

static inline int run(quern_session* session, const char* text) {
  quern_problems* problems = NULL;
  int done = quern_run(session, text, QUERN_WHOLE, NULL, NULL, NULL, NULL, &problems);
  show(problems);
  return done;
}

/* The first value of a column of BIGINT; -1 where there is none. */
static inline int64_t first_integer(quern_session* session, const char* text,
                                    const quern_parameters* parameters) {
  quern_rows* rows = NULL;
  quern_problems* problems = NULL;
  struct ArrowArray batch;
  int64_t out = -1;
  if (quern_query(session, text, QUERN_WHOLE, parameters, &rows, &problems) == QUERN_OK &&
      quern_rows_next(rows, &batch, &problems) == QUERN_OK) {
    out = ((const int64_t*)batch.children[0]->buffers[1])[0];
    batch.release(&batch);
  }
  show(problems);
  quern_rows_free(rows);
  return out;
}

#endif
