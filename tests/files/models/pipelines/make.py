"""Writes the ONNX pipelines of this folder, each small, with the answers of scikit-learn, XGBoost and
LightGBM beside them.

Needs numpy, pandas, scikit-learn, skl2onnx, onnxmltools, xgboost and lightgbm. `rows.csv` holds the
rows that were asked; `expected.json` holds the answers for each file, row after row. Run: python
make.py
"""

import json
import sys
import warnings
from pathlib import Path

import lightgbm as lgb
import numpy as np
import onnx.helper
import onnxmltools
import pandas as pd
import xgboost as xgb
from onnxmltools.convert.common.data_types import FloatTensorType as FloatColumns
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType, Int64TensorType, StringTensorType
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PowerTransformer,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier

HERE = Path(__file__).parent
SEED = 21
warnings.filterwarnings("ignore")
random = np.random.default_rng(SEED)


# skl2onnx 1.20 hands lists with True and False to a protobuf that wants numbers.
make_attribute = onnx.helper.make_attribute


def make_attribute_of_numbers(key, value, *more, **named):
    if isinstance(value, list) and any(isinstance(x, (bool, np.bool_)) for x in value):
        value = [int(x) for x in value]
    return make_attribute(key, value, *more, **named)


onnx.helper.make_attribute = make_attribute_of_numbers


def table(rows):
    frame = pd.DataFrame(
        {
            "age": random.normal(40, 12, rows).round(1),
            "income": np.exp(random.normal(3, 1, rows)).round(2),
            "visits": random.poisson(2, rows).astype(float),
            "plan": random.choice(["basic", "plus", "pro", "max"], rows),
            "zone": random.choice([1, 5, 9, 70], rows),
        }
    )
    # A row's numbers must be the same to a program with 32 bits.
    for name in NUMBERS:
        frame[name] = frame[name].astype(np.float32).astype(float)
    return frame


NUMBERS = ["age", "income", "visits"]
train, rows = table(400), table(50)
effect = (
    train.age / 12
    + np.log(train.income)
    + train.visits * 0.4
    + train.plan.map({"basic": 0, "plus": 0.5, "pro": 2, "max": -1})
    + train.zone.map({1: 0, 5: 1, 9: -1, 70: 0.3})
    + random.normal(0, 0.7, 400)
)
number = effect.to_numpy()
yes = (number > np.median(number)).astype(int)
names = np.where(yes == 1, "stay", "leave")
several = np.digitize(number, np.quantile(number, [0.3, 0.7]))
gaps, gaps_train = rows.copy(), train.copy()
gaps.loc[::5, "age"] = np.nan
gaps_train.loc[::7, "age"] = np.nan


expected = {}
COLUMNS = [
    ("age", FloatTensorType([None, 1])),
    ("income", FloatTensorType([None, 1])),
    ("visits", FloatTensorType([None, 1])),
    ("plan", StringTensorType([None, 1])),
    ("zone", Int64TensorType([None, 1])),
]


def keep(file, model, graph, frame, given=None):
    given = frame if given is None else given
    classifies = hasattr(model, "predict_proba")
    answers = model.predict_proba(given) if classifies else model.predict(given)
    if answers.ndim == 2 and answers.shape[1] == 2:
        answers = answers[:, 1]
    (HERE / file).write_bytes(graph.SerializeToString())
    expected[file] = {
        "gaps": bool(frame.isna().any().any()),
        "answers": [float(f"{x:.9g}") for x in np.asarray(answers, dtype=float).ravel()],
    }
    if "--ops" in sys.argv:
        print(file, [f"{node.domain}.{node.op_type}" for node in graph.graph.node])


def numeric(file, model, label, frame=rows, fit=train, **options):
    """A model over one tensor of numbers."""
    model.fit(fit[NUMBERS].to_numpy(np.float32), label)
    inputs = [("X", FloatTensorType([None, len(NUMBERS)]))]
    graph = to_onnx(model, initial_types=inputs, options={id(model): options} if options else None)
    keep(file, model, graph, frame[NUMBERS], frame[NUMBERS].to_numpy(np.float32))


def columns(file, model, label, **options):
    """A pipeline over a tensor for each column."""
    model.fit(train, label)
    last = model.steps[-1][1]
    options = {id(last): options} if options else None
    keep(file, model, to_onnx(model, initial_types=COLUMNS, options=options), rows)


def prepared(scaler=None, encoder=None):
    return ColumnTransformer(
        [
            ("numbers", scaler or StandardScaler(), NUMBERS),
            ("words", encoder or OneHotEncoder(handle_unknown="ignore"), ["plan"]),
            ("codes", OneHotEncoder(handle_unknown="ignore"), ["zone"]),
        ]
    )


SMALL = {"n_estimators": 5, "max_depth": 4, "random_state": SEED}

columns("logistic.onnx", make_pipeline(prepared(), LogisticRegression()), yes)
columns("logistic_names.onnx", make_pipeline(prepared(), LogisticRegression()), names, zipmap=False)
columns("forest.onnx", make_pipeline(prepared(), RandomForestClassifier(**SMALL)), yes)
columns("boosting.onnx", make_pipeline(prepared(), GradientBoostingClassifier(**SMALL)), yes)
columns(
    "hist.onnx",
    make_pipeline(
        prepared(MinMaxScaler(), OrdinalEncoder()),
        HistGradientBoostingClassifier(max_iter=5, max_depth=4, random_state=SEED),
    ),
    yes,
)
columns("classes.onnx", make_pipeline(prepared(RobustScaler()), LogisticRegression()), several)
columns("forest_regressor.onnx", make_pipeline(prepared(), RandomForestRegressor(**SMALL)), number)
columns("network.onnx", make_pipeline(prepared(), MLPClassifier((6,), random_state=SEED)), yes)

numeric("tree.onnx", DecisionTreeClassifier(max_depth=4, random_state=SEED), several, zipmap=False)
numeric("extra.onnx", ExtraTreesClassifier(**SMALL), several)
numeric("boosting_classes.onnx", GradientBoostingClassifier(**SMALL), several, zipmap=False)
numeric("boosting_regressor.onnx", GradientBoostingRegressor(**SMALL), number)
numeric("linear.onnx", make_pipeline(Normalizer(), LinearRegression()), number)
numeric("binarizer.onnx", make_pipeline(Binarizer(threshold=3.0), LogisticRegression()), yes)
imputed = make_pipeline(SimpleImputer(strategy="median"), StandardScaler(), LogisticRegression())
numeric("imputer.onnx", imputed, yes, gaps, gaps_train)
hist = HistGradientBoostingRegressor(max_iter=5, max_depth=4, random_state=SEED)
numeric("hist_gaps.onnx", hist, number, gaps, gaps_train)

calibrated = CalibratedClassifierCV(DecisionTreeClassifier(max_depth=3, random_state=SEED), cv=2)
numeric("calibrated.onnx", calibrated, yes)
power = make_pipeline(PowerTransformer(), LogisticRegression())
numeric("power.onnx", power, yes)
numeric("one_vs_rest.onnx", OneVsRestClassifier(LogisticRegression()), several)

inputs = [("input", FloatColumns([None, len(NUMBERS)]))]
for label, name in [(yes, "binary"), (several, "classes")]:
    model = xgb.XGBClassifier(n_estimators=5, max_depth=4, random_state=SEED)
    model.fit(gaps_train[NUMBERS].to_numpy(np.float32), label)
    graph = onnxmltools.convert_xgboost(model, initial_types=inputs)
    keep(f"xgboost_{name}.onnx", model, graph, gaps[NUMBERS], gaps[NUMBERS].to_numpy(np.float32))
    model = lgb.LGBMClassifier(n_estimators=5, num_leaves=8, random_state=SEED, verbose=-1)
    model.fit(train[NUMBERS].to_numpy(np.float32), label)
    graph = onnxmltools.convert_lightgbm(model, initial_types=inputs, zipmap=name == "classes")
    keep(f"lightgbm_{name}.onnx", model, graph, rows[NUMBERS], rows[NUMBERS].to_numpy(np.float32))

rows.to_csv(HERE / "rows.csv", index=False)
gaps.to_csv(HERE / "gaps.csv", index=False)
entries = [f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in expected.items()]
(HERE / "expected.json").write_text("{\n" + ",\n".join(entries) + "\n}\n")
