/* The thread rules of the C interface, kept to: sessions side by side, a statement that is
 * cancelled from beside it, rows and batches that are let go in another thread. Worth most under
 * ThreadSanitizer. */
#include <pthread.h>
#include <stdatomic.h>

#include "tests/c_abi/checking.h"

/* ------------------------------------------------------------------ sessions side by side */
static void* one_session(void* user) {
  int64_t* sum = user;
  quern_session* session = open_memory();
  quern_rows* rows = NULL;
  struct ArrowArray batch;
  CHECK(run(session, "CREATE TABLE t AS SELECT range AS i FROM range(200000)") == QUERN_OK);
  CHECK(quern_query(session, "SELECT i FROM t", QUERN_WHOLE, NULL, &rows, NULL) == QUERN_OK);
  while (quern_rows_next(rows, &batch, NULL) == QUERN_OK) {
    for (int64_t i = 0; i < batch.length; ++i)
      *sum += ((const int64_t*)batch.children[0]->buffers[1])[i];
    batch.release(&batch);
  }
  quern_rows_free(rows);
  quern_close(session);
  return NULL;
}

static void test_side_by_side(void) {
  int64_t sums[3] = {0, 0, 0};
  pthread_t threads[3];
  for (int i = 0; i < 3; ++i) pthread_create(&threads[i], NULL, one_session, &sums[i]);
  for (int i = 0; i < 3; ++i) pthread_join(threads[i], NULL);
  for (int i = 0; i < 3; ++i) CHECK(sums[i] == (int64_t)200000 * 199999 / 2);
}

/* ------------------------------------------------------------------ cancel */
typedef struct request {
  quern_session* session;
  atomic_int told;
} request;

static void* cancel_when_told(void* user) {
  request* r = user;
  while (atomic_load(&r->told) == 0) sched_yield();
  quern_cancel(r->session);
  return NULL;
}

static void tell(void* user, struct ArrowArray* batch) {
  (void)batch;
  atomic_store(&((request*)user)->told, 1);
}

static void test_cancelled_run(quern_session* session) {
  request r = {.session = session};
  quern_callbacks callbacks = {.size = sizeof callbacks, .user = &r, .batch = tell};
  quern_problems* problems = NULL;
  pthread_t canceller;
  pthread_create(&canceller, NULL, cancel_when_told, &r);
  CHECK(quern_run(session, "SELECT * FROM range(1000000000000)", QUERN_WHOLE, NULL, NULL,
                  &callbacks, NULL, &problems) == QUERN_FAILED);
  CHECK(fails_with(problems, "Q4001", "cancelled"));
  pthread_join(canceller, NULL);
  CHECK(run(session, "SELECT 1") == QUERN_OK);
}

/* In the callback itself, too. */
static void cancel_here(void* user, struct ArrowArray* batch) {
  (void)batch;
  quern_cancel(((request*)user)->session);
}

static void test_cancelled_by_callback(quern_session* session) {
  request r = {.session = session};
  quern_callbacks callbacks = {.size = sizeof callbacks, .user = &r, .batch = cancel_here};
  quern_problems* problems = NULL;
  CHECK(quern_run(session, "SELECT * FROM range(1000000000000)", QUERN_WHOLE, NULL, NULL,
                  &callbacks, NULL, &problems) == QUERN_FAILED);
  CHECK(fails_with(problems, "Q4001", "cancelled"));
}

static void test_cancelled_rows(quern_session* session) {
  request r = {.session = session};
  quern_rows* rows = NULL;
  quern_problems* problems = NULL;
  struct ArrowArray batch;
  int status = 0;
  pthread_t canceller;
  CHECK(quern_query(session, "SELECT * FROM range(1000000000000)", QUERN_WHOLE, NULL, &rows,
                    NULL) == QUERN_OK);
  pthread_create(&canceller, NULL, cancel_when_told, &r);
  while ((status = quern_rows_next(rows, &batch, &problems)) == QUERN_OK) {
    batch.release(&batch);
    atomic_store(&r.told, 1);
  }
  CHECK(status == QUERN_FAILED && fails_with(problems, "Q4001", "cancelled"));
  pthread_join(canceller, NULL);
  quern_rows_free(rows);
}

/* ------------------------------------------------------------------ other threads let go */
static void* release_all(void* user) {
  struct ArrowArray* batches = user;
  for (int i = 0; i < 8; ++i) batches[i].release(&batches[i]);
  return NULL;
}

static void* release_stream(void* user) {
  struct ArrowArrayStream* stream = user;
  struct ArrowArray batch;
  CHECK(stream->get_next(stream, &batch) == 0);
  batch.release(&batch);
  stream->release(stream);
  return NULL;
}

static void test_released_elsewhere(void) {
  quern_session* session = open_memory();
  quern_rows* rows = NULL;
  struct ArrowArray batches[8];
  struct ArrowArrayStream stream;
  pthread_t thread;
  CHECK(quern_query(session, "SELECT range AS i, 'text ' || range AS s FROM range(1000000)",
                    QUERN_WHOLE, NULL, &rows, NULL) == QUERN_OK);
  for (int i = 0; i < 8; ++i) CHECK(quern_rows_next(rows, &batches[i], NULL) == QUERN_OK);
  pthread_create(&thread, NULL, release_all, batches); /* while the rows go on */
  CHECK(quern_rows_stream(rows, &stream, NULL) == QUERN_OK);
  quern_rows_free(rows);
  pthread_join(thread, NULL);
  pthread_create(&thread, NULL, release_stream, &stream);
  pthread_join(thread, NULL);

  /* A batch outlives its session. */
  CHECK(quern_query(session, "SELECT range AS i FROM range(1000000)", QUERN_WHOLE, NULL, &rows,
                    NULL) == QUERN_OK);
  CHECK(quern_rows_next(rows, &batches[0], NULL) == QUERN_OK);
  quern_close(session);
  quern_problems* problems = NULL;
  CHECK(quern_rows_next(rows, &batches[1], &problems) == QUERN_FAILED);
  CHECK(fails_with(problems, "Q4001", "cancelled"));
  quern_rows_free(rows);
  CHECK(((const int64_t*)batches[0].children[0]->buffers[1])[100] == 100);
  batches[0].release(&batches[0]);
}

int main(void) {
  test_side_by_side();
  quern_session* session = open_memory();
  test_cancelled_run(session);
  test_cancelled_by_callback(session);
  for (int i = 0; i < 5; ++i) test_cancelled_rows(session);
  quern_close(session);
  test_released_elsewhere();
  return ends_with_status();
}
