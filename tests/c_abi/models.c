/* Models through the C interface: trained, opened, asked for single rows and for rows in columns.
 */
#include <math.h>

#include "tests/c_abi/checking.h"

typedef struct heard {
  int progress;
  char last_message[200];
} heard;

static void on_done(void* user, const quern_done* done) {
  heard* h = user;
  snprintf(h->last_message, sizeof h->last_message, "%s", done->message);
}
static void on_progress(void* user, const quern_progress* progress) {
  heard* h = user;
  ++h->progress;
  CHECK(progress->size >= sizeof(quern_progress) && progress->stage <= QUERN_STAGE_WRITE);
  CHECK(progress->metrics == 0 ||
        (progress->metric_name[0] != NULL && isfinite(progress->metric_value[0])));
}

static void test_model(quern_session* session, const char* folder) {
  char text[600];
  quern_problems* problems = NULL;
  heard h = {0, ""};
  quern_callbacks callbacks = {
      .size = sizeof callbacks, .user = &h, .done = on_done, .progress = on_progress};
  const char* train =
      "CREATE TABLE pets AS SELECT (range % 20)::DOUBLE AS size, CASE WHEN range % 2 = 0 THEN "
      "'red' ELSE 'blue' END AS "
      "colour, CASE WHEN range % 20 < 7 THEN 'ant' WHEN range % 20 < 14 THEN 'bee' ELSE 'cat' END "
      "AS kind FROM "
      "range(400);"
      "SELECT * FROM pets TO TRAIN xgboost.gbtree WITH num_round = 8 LABEL kind INTO pets_model;";
  CHECK(quern_run(session, train, QUERN_WHOLE, NULL, NULL, &callbacks, NULL, &problems) ==
        QUERN_OK);
  show(problems);
  CHECK(h.progress > 0 && strstr(h.last_message, "trained pets_model@1") != NULL);

  quern_model* model = NULL;
  CHECK(quern_model_open(session, "pets_modle", &model, &problems) == QUERN_FAILED &&
        model == NULL);
  CHECK(fails_with(problems, "Q2010", "pets_modle"));
  CHECK(quern_model_open(session, "pets_model", &model, &problems) == QUERN_OK);
  show(problems);
  CHECK(quern_model_columns(model) == 2 && strcmp(quern_model_column_name(model, 0), "size") == 0);
  CHECK(strcmp(quern_model_column_kind(model, 0), "float64") == 0);
  CHECK(strcmp(quern_model_column_kind(model, 1), "text") == 0 &&
        quern_model_column_elements(model, 1) == 0);
  CHECK(quern_model_column_name(model, 2) == NULL && quern_model_column_kind(model, 2) == NULL);
  CHECK(quern_model_classes(model) == 3 && quern_model_outputs(model) == 3);
  CHECK(strcmp(quern_model_class_name(model, 1), "bee") == 0 &&
        quern_model_class_name(model, 3) == NULL);

  float out[3] = {0, 0, 0};
  quern_value row[2] = {{.kind = QUERN_VALUE_NUMBER, .number = 3},
                        {.kind = QUERN_VALUE_TEXT, .data = "red", .count = 3}};
  CHECK(quern_model_predict_row(model, row, 2, out, 3, &problems) == QUERN_OK);
  CHECK(quern_model_class_of(model, out, 3) == 0 && out[0] > 0.5F);
  row[0].kind = QUERN_VALUE_NULL;
  CHECK(quern_model_predict_row(model, row, 2, out, 3, NULL) == QUERN_OK);
  CHECK(quern_model_predict_row(model, row, 1, out, 3, &problems) == QUERN_FAILED);
  CHECK(fails_with(problems, "Q2018", "takes 2 values"));
  row[0].kind = 9;
  CHECK(quern_model_predict_row(model, row, 2, out, 3, &problems) == QUERN_FAILED);
  CHECK(fails_with(problems, "Q2018", "no kind"));

  /* Rows in columns: what TO PREDICT calls, row by row the same. */
  quern_rows* rows = NULL;
  struct ArrowSchema schema, answer_schema;
  struct ArrowArray batch, answers;
  CHECK(run(session, "SELECT * FROM pets TO PREDICT guesses.guess USING pets_model;") == QUERN_OK);
  CHECK(quern_query(session, "SELECT colour, 1 AS unused, size FROM pets", QUERN_WHOLE, NULL, &rows,
                    NULL) == QUERN_OK);
  CHECK(quern_rows_schema(rows, &schema, NULL) == QUERN_OK);
  CHECK(quern_rows_next(rows, &batch, NULL) == QUERN_OK && batch.length == 400);
  CHECK(quern_model_predict(model, &schema, &batch, &answer_schema, &answers, &problems) ==
        QUERN_OK);
  show(problems);
  CHECK(answer_schema.n_children == 4 && strcmp(answer_schema.children[0]->name, "predicted") == 0);
  CHECK(strcmp(answer_schema.children[2]->name, "probability_bee") == 0 && answers.length == 400);
  const int32_t* offsets = answers.children[0]->buffers[1];
  const char* words = answers.children[0]->buffers[2];
  int ants = 0;
  for (int i = 0; i < 400; ++i) ants += strncmp(words + offsets[i], "ant", 3) == 0;
  quern_rows_free(rows);
  CHECK(ants == first_integer(session, "SELECT count(*) FROM guesses WHERE guess = 'ant'", NULL));
  answers.release(&answers);
  answer_schema.release(&answer_schema);
  schema.children[0]->name = "color"; /* a struct of C is anybody's */
  CHECK(quern_model_predict(model, &schema, &batch, &answer_schema, &answers, &problems) ==
        QUERN_FAILED);
  CHECK(fails_with(problems, "Q2011", "colour"));
  batch.release(&batch);
  schema.release(&schema);
  quern_model_free(model);

  snprintf(text, sizeof text,
           "EXPORT MODEL pets_model TO '%s/pets.quern' WITH output.mode = replace", folder);
  CHECK(run(session, text) == QUERN_OK);
  snprintf(text, sizeof text, "%s/pets.quern", folder);
  CHECK(quern_model_from_file(text, &model, &problems) == QUERN_OK);
  show(problems);
  float again[3];
  row[0] = (quern_value){.kind = QUERN_VALUE_NULL};
  CHECK(quern_model_predict_row(model, row, 2, again, 3, NULL) == QUERN_OK &&
        memcmp(out, again, sizeof out) == 0);
  quern_model_free(model);
  CHECK(quern_model_from_file("nowhere.quern", &model, &problems) == QUERN_FAILED && model == NULL);
  CHECK(fails_with(problems, "Q5007", "nowhere.quern"));
}

int main(int argc, char** argv) {
  quern_session* session = open_memory();
  test_model(session, argc > 1 ? argv[1] : ".");
  quern_close(session);
  return ends_with_status();
}
