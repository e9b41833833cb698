#!/usr/bin/env python3
"""A password never appears: not in results, errors, logs or plans, nor in what is stored or written to files."""

from checking import TRAIN, main

SECRET = "hush4711"
POSTGRES = f"postgresql://me:{SECRET}@db.example/home"
MYSQL = f"mysql://me:{SECRET}@tcp(db.example:3306)/home"
#: Databases that cannot be opened.
DATABASES = [POSTGRES, MYSQL, f"postgresql://db.example/home?user=me&password={SECRET}",
             f"postgresql://db.example/home?sslpassword={SECRET}", f"host=db.example user=me password={SECRET}",
             f"host=db.example password = '{SECRET}'", f"ftp://me:{SECRET}@h/x", f"{POSTGRES}.duckdb"]
#: Statements that fail, each with a password in reach of its message or of the line under its caret.
FAILING = [
    f"ATTACH '{POSTGRES}' AS pg",
    f"ATTACH '{MYSQL}' AS my",
    f"ATTACH 'host=h user=me password={SECRET}' AS pg (TYPE postgres)",
    f"SET quern.model_store = '{POSTGRES}/models'",
    f"SELECT * FROM postgres_scan('host=h user=me password={SECRET}', 's', 't') TO TRAIN xgboost.gbtree LABEL y INTO x",
    f"SELECT * FROM '{POSTGRES}.csv' TO TRAIN xgboost.gbtree LABEL y INTO x",
    f"SELECT * FROM read_csv('s3://me:{SECRET}@h/a.csv')",
    f"CREATE SECRET s (TYPE nothing, KEY_ID 'k', SECRET '{SECRET}')",
    f"CREATE SECRET s (TYPE nothing, SECRET   '{SECRET}', REGION 'x')",
    f"CREATE USER me PASSWORD '{SECRET}'",
    f"CREATE USER me IDENTIFIED BY '{SECRET}'",
    f"ALTER ROLE me WITH ENCRYPTED PASSWORD '{SECRET}'",
    f"SELECT * FROM t TO TRAIN xgboost.gbtree WITH nonesuch = '{POSTGRES}' LABEL y INTO x",
    f"SELECT * FROM t TO TRAIN xgboost.gbtree WITH eta = '{POSTGRES}' LABEL y INTO x",
    f"SELECT * FROM t TO TRAIN xgboost.gbtree WITH validation.select = 'SELECT * FROM ''{POSTGRES}''' LABEL y INTO x",
    f"EXPORT MODEL m TO '{POSTGRES}/m.quern'",
    f"IMPORT MODEL '{POSTGRES}/m.quern' INTO x",
    f"\\i {POSTGRES}",
    f"\\nonesuch {POSTGRES}",
    f"SELECT '{POSTGRES}",
]
#: Ends well, and its text is stored with the model.
TRAINING = (f"SELECT /* {POSTGRES} */ i AS x, (i % 2)::INTEGER AS y, 'password={SECRET}' AS z FROM range(600) r(i) "
            f"TO TRAIN xgboost.gbtree WITH num_round = 2, train.order_by = 'x /* {MYSQL} */', "
            f"validation.select = 'SELECT i AS x, 1 AS y /* {POSTGRES} */ FROM range(9) r(i)' COLUMN x LABEL y INTO kept")
#: What shows the texts of that model.
SHOWING = ["SHOW TRAIN kept", "DESCRIBE MODEL kept", "SHOW MODELS", "SELECT * FROM quern_models",
           "EXPORT MODEL kept TO 'kept.quern'", "EXPORT MODEL kept TO 'kept.json'", "EXPORT MODEL kept TO 'kept.ubj'"]


def says_nothing(check, what, done):
    said = done.stdout + done.stderr
    check.true(f"{what} shows the password", SECRET.encode() not in said, said.decode())
    check.true(f"{what} says nothing at all", said)


def run_both(check, what, *arguments, **extra):
    for log in ("text", "json"):
        done = check.run("--log", log, *arguments, PGPASSWORD=SECRET, MYSQL_PWD=SECRET, **extra)
        says_nothing(check, f"{what}, log {log}", done)
    return done


def databases_that_cannot_be_opened(check):
    for uri in DATABASES:
        done = run_both(check, f"--db {uri}", "--db", uri, "-e", "SELECT 1")
        check.equal(f"status of --db {uri}", done.returncode, 1)


def a_database_in_the_place_of_a_file(check):
    done = run_both(check, "a database as script", POSTGRES)
    check.equal("status of a database as script", done.returncode, 2)


def statements_that_fail(check):
    check.equal("training", check.run("--db", "duckdb:s.duckdb", "-e", "CREATE TABLE t AS SELECT 1 AS y; " + TRAIN).returncode, 0)
    for sql in FAILING:
        done = run_both(check, sql, "--db", "duckdb:s.duckdb", "-e", sql)
        check.equal(f"status of {sql}", done.returncode, 1)
        run_both(check, f"dry run of {sql}", "--db", "duckdb:s.duckdb", "--dry-run", "-e", sql)
        (check.folder / "script.sql").write_text(sql + ";\n")
        run_both(check, f"file of {sql}", "--db", "duckdb:s.duckdb", "-f", "script.sql")
        run_both(check, f"\\i of {sql}", "--db", "duckdb:s.duckdb", "-e", "\\i script.sql")


def what_explain_shows(check):
    for form in ("AST", "IR", "PLAN"):
        done = run_both(check, f"EXPLAIN {form}", "--db", "duckdb:s.duckdb", "-e", f"EXPLAIN {form} {TRAINING}")
        check.equal(f"status of EXPLAIN {form}", done.returncode, 0)


def what_is_stored(check):
    done = run_both(check, "a training", "--db", "duckdb:s.duckdb", "-e", TRAINING)
    check.equal("status of the training", done.returncode, 0)
    for sql in SHOWING:
        done = check.run("--db", "duckdb:s.duckdb", "--csv", "-e", sql)
        says_nothing(check, sql, done)
        check.equal(f"status of {sql}", done.returncode, 0)
    (check.folder / "script.sql").unlink(missing_ok=True)
    for path in check.folder.iterdir():
        check.true(f"{path.name} holds the password", SECRET.encode() not in path.read_bytes())
        check.true(f"{path.name} holds nothing", path.stat().st_size > 0)


if __name__ == "__main__":
    main(databases_that_cannot_be_opened, a_database_in_the_place_of_a_file, statements_that_fail, what_explain_shows, what_is_stored)
