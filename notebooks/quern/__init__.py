"""Quern from Python: SQL that trains, predicts and explains, on your own database.

    import quern
    db = quern.connect("duckdb:shop.duckdb")
    db.execute("SELECT * FROM customers TO TRAIN xgboost.XGBClassifier LABEL churned INTO churn")
    frame = db.query("SELECT * FROM customers TO PREDICT USING churn").to_dataframe()

Pure Python over the library's C interface, without dependencies; numpy, pandas and pyarrow are used where they are
there. `%load_ext quern` brings it into a notebook, `python3 -m quern.kernel install --user` a kernel into Jupyter."""

from quern._run import Outcome, Progress, Result
from quern._values import Interval
from quern.errors import Error, LibraryNotFound, Problem
from quern.models import Model
from quern.session import Session, Stream, connect
from quern.tables import Table

__version__ = "0.1.0"
__all__ = ["Error", "Interval", "LibraryNotFound", "Model", "Outcome", "Problem", "Progress", "Result", "Session",
           "Stream", "Table", "connect", "library_version", "load_ipython_extension"]


def library_version():
    """Of libquern: "0.1.0". Raises LibraryNotFound."""
    from quern._library import library, text_of

    return text_of(library().quern_version())


def load_ipython_extension(shell):
    """%load_ext quern"""
    from quern.magics import register

    register(shell)
