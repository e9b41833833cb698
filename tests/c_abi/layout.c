/* The layout of what crosses the C interface, pinned: programs that were compiled against an older
 * header must go on working. A line that fails here needs a new name of the library, not a new
 * number. */
#include <assert.h>
#include <stddef.h>

#include "api/quern.h"

#define SIZE(type, bytes) static_assert(sizeof(type) == (bytes), #type)
#define AT(type, member, bytes) static_assert(offsetof(type, member) == (bytes), #type "." #member)

SIZE(struct ArrowSchema, 72);
SIZE(struct ArrowArray, 80);
SIZE(struct ArrowArrayStream, 40);

SIZE(quern_value, 32);
AT(quern_value, number, 8);
AT(quern_value, data, 16);
AT(quern_value, count, 24);

/* These may grow at their end; what is there stays where it is. */
AT(quern_problem_note, size, 0);
AT(quern_problem_note, begin, 8);
AT(quern_problem_note, end, 16);
AT(quern_problem_note, message, 24);

AT(quern_problem, size, 0);
AT(quern_problem, severity, 8);
AT(quern_problem, code, 16);
AT(quern_problem, title, 24);
AT(quern_problem, message, 32);
AT(quern_problem, hint, 40);
AT(quern_problem, begin, 48);
AT(quern_problem, end, 56);
AT(quern_problem, source, 64);
AT(quern_problem, notes, 72);
AT(quern_problem, note, 80);
AT(quern_problem, rendered, 88);

AT(quern_done, size, 0);
AT(quern_done, message, 8);
AT(quern_done, returned_rows, 16);
AT(quern_done, bars, 20);
AT(quern_done, rows, 24);
AT(quern_done, seconds, 32);
AT(quern_done, chart, 40);

AT(quern_progress, size, 0);
AT(quern_progress, stage, 8);
AT(quern_progress, round, 12);
AT(quern_progress, rounds, 16);
AT(quern_progress, fold, 20);
AT(quern_progress, folds, 24);
AT(quern_progress, trial, 28);
AT(quern_progress, trials, 32);
AT(quern_progress, metrics, 36);
AT(quern_progress, rows, 40);
AT(quern_progress, seconds, 48);
AT(quern_progress, metric_name, 56);
AT(quern_progress, metric_value, 64);

AT(quern_callbacks, size, 0);
AT(quern_callbacks, user, 8);
AT(quern_callbacks, source, 16);
AT(quern_callbacks, echo, 24);
AT(quern_callbacks, statement, 32);
AT(quern_callbacks, schema, 40);
AT(quern_callbacks, batch, 48);
AT(quern_callbacks, done, 56);
AT(quern_callbacks, failed, 64);
AT(quern_callbacks, problem, 72);
AT(quern_callbacks, progress, 80);

AT(quern_summary, size, 0);
AT(quern_summary, statements, 8);
AT(quern_summary, failed, 16);
AT(quern_summary, not_checked, 24);
AT(quern_summary, problems, 32);

SIZE(quern_candidate, 32);
AT(quern_candidate, text, 8);
AT(quern_candidate, kind, 16);
AT(quern_candidate, doc, 24);
SIZE(quern_inspection, 40);
AT(quern_inspection, begin, 8);
AT(quern_inspection, end, 16);
AT(quern_inspection, title, 24);
AT(quern_inspection, text, 32);

static_assert(QUERN_OK == 0 && QUERN_FAILED == 1 && QUERN_END == 2, "status");
static_assert(QUERN_ERROR == 0 && QUERN_WARNING == 1 && QUERN_NOTE == 2, "severity");
static_assert(QUERN_STAGE_SCAN == 0 && QUERN_STAGE_FIT == 1 && QUERN_STAGE_TRAIN == 2 &&
                  QUERN_STAGE_PREDICT == 3 && QUERN_STAGE_EVALUATE == 4 &&
                  QUERN_STAGE_EXPLAIN == 5 && QUERN_STAGE_WRITE == 6,
              "stage");
static_assert(QUERN_CHART_NONE == 0 && QUERN_CHART_CONFUSION == 1 && QUERN_CHART_ROC == 2 &&
                  QUERN_CHART_PRECISION_RECALL == 3 && QUERN_CHART_CALIBRATION == 4 &&
                  QUERN_CHART_ATTRIBUTIONS == 5,
              "chart");
static_assert(QUERN_VALUE_NULL == 0 && QUERN_VALUE_NUMBER == 1 && QUERN_VALUE_TEXT == 2 &&
                  QUERN_VALUE_LIST == 3,
              "value");
static_assert(QUERN_ABI_VERSION == 1, "what is pinned here is version 1");
