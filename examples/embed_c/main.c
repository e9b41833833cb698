/* A program in C that reads a table through an Arrow stream: what docs/embedding.md explains.
 *   cc main.c $(pkg-config --cflags --libs quern) -o embed_c
 * usage: embed_c iris.csv */
#include <stdio.h>

#include <quern/quern.h>

static int give_up(quern_problems* problems) {
  fputs(quern_problems_text(problems), stderr);
  quern_problems_free(problems);
  return 1;
}

/* The mean of a column of doubles without NULL, batch by batch. */
static int print_mean(struct ArrowArrayStream* stream) {
  struct ArrowArray batch;
  double sum = 0;
  long rows = 0;
  while (stream->get_next(stream, &batch) == 0 && batch.release != NULL) {
    const struct ArrowArray* column = batch.children[0];
    const double* values = (const double*)column->buffers[1] + column->offset;
    for (int64_t i = 0; i < column->length; ++i) sum += values[i];
    rows += (long)column->length;
    batch.release(&batch);
  }
  if (stream->get_last_error(stream) != NULL) {
    fprintf(stderr, "%s\n", stream->get_last_error(stream));
    return 1;
  }
  printf("%ld rows, mean %.3f\n", rows, sum / (double)rows);
  return 0;
}

int main(int argc, char** argv) {
  quern_session* session = NULL;
  quern_problems* problems = NULL;
  if (argc != 2) {
    fprintf(stderr, "usage: embed_c iris.csv\n");
    return 2;
  }
  if (quern_open("duckdb::memory:", NULL, &session, &problems) != QUERN_OK)
    return give_up(problems);

  quern_parameters* values = quern_parameters_new();
  quern_parameters_add_text(values, argv[1], QUERN_WHOLE);
  quern_parameters_add_text(values, "setosa", QUERN_WHOLE);
  quern_rows* rows = NULL;
  const char* text = "SELECT petal_length::DOUBLE FROM read_csv($1) WHERE species = $2";
  int status = quern_query(session, text, QUERN_WHOLE, values, &rows, &problems);
  quern_parameters_free(values);
  if (status != QUERN_OK) return give_up(problems);

  struct ArrowArrayStream stream;
  if (quern_rows_stream(rows, &stream, &problems) != QUERN_OK) return give_up(problems);
  quern_rows_free(rows);
  status = print_mean(&stream);
  stream.release(&stream);
  quern_close(session);
  return status;
}
