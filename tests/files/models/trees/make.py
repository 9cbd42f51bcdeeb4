"""Writes the trees and pipelines of this folder, each small, with its library's own answers.

Needs numpy, pandas, xgboost and lightgbm. `rows.csv` holds the rows that were asked; `expected.json`
holds, for each file, its kind in a card and the answers row after row. Run: python make.py
"""

import json
import warnings
from pathlib import Path

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb

HERE = Path(__file__).parent
SEED = 20
warnings.filterwarnings("ignore")
random = np.random.default_rng(SEED)


def table(rows):
    frame = pd.DataFrame(
        {
            "age": random.normal(40, 12, rows).round(1),
            "income": np.exp(random.normal(8, 1, rows)).round(2),
            "visits": random.poisson(2, rows).astype(float),
            "plan": pd.Categorical(random.choice(["basic", "plus", "pro", "max"], rows)),
            "zone": pd.Categorical(random.choice([1, 5, 9, 70], rows)),
        }
    )
    frame.loc[random.random(rows) < 0.15, "age"] = np.nan
    frame.loc[random.random(rows) < 0.1, "visits"] = np.nan
    return frame


train = table(500)
rows = table(60)
effect = (
    train.age.fillna(30) / 12
    + np.log(train.income)
    + train.visits.fillna(0) * 0.4
    + train.plan.map({"basic": 0, "plus": 0.5, "pro": 2, "max": -1}).astype(float)
    + train.zone.map({1: 0, 5: 1, 9: -1, 70: 0.3}).astype(float)
    + random.normal(0, 0.7, 500)
)
number = effect.to_numpy()
yes = (number > np.median(number)).astype(int)
several = np.digitize(number, np.quantile(number, [0.3, 0.7]))
count = np.maximum(0, np.round(np.exp(number / 8))).astype(int)

NUMBERS = ["age", "income", "visits"]
expected = {}


def keep(file, kind, answers):
    answers = np.asarray(answers, dtype=float)
    expected[file] = {"kind": kind, "answers": [float(f"{x:.9g}") for x in answers.ravel()]}


def write_xgboost(file, model, columns):
    model.save_model(HERE / file)
    frame = rows[columns]
    probabilities = hasattr(model, "predict_proba")
    answers = model.predict_proba(frame) if probabilities else model.predict(frame)
    if probabilities and answers.shape[1] == 2:
        answers = answers[:, 1]
    keep(file, "xgboost", answers)


SMALL = {"n_estimators": 8, "max_depth": 4, "random_state": SEED}
everything = NUMBERS + ["plan", "zone"]

write_xgboost("xgb_binary.json", xgb.XGBClassifier(**SMALL).fit(train[NUMBERS], yes), NUMBERS)
write_xgboost("xgb_classes.ubj", xgb.XGBClassifier(**SMALL).fit(train[NUMBERS], several), NUMBERS)
categorical = xgb.XGBRegressor(**SMALL, enable_categorical=True, max_cat_to_onehot=1)
write_xgboost("xgb_categories.ubj", categorical.fit(train[everything], number), everything)
poisson = xgb.XGBRegressor(**SMALL, objective="count:poisson", base_score=0.7)
write_xgboost("xgb_poisson.json", poisson.fit(train[NUMBERS], count), NUMBERS)
dart = xgb.XGBClassifier(**SMALL, booster="dart", rate_drop=0.5)
write_xgboost("xgb_dart.ubj", dart.fit(train[NUMBERS], yes), NUMBERS)
# An estimator answers with the rounds up to the best one, the file has some more.
early = xgb.XGBClassifier(**SMALL | {"n_estimators": 60}, early_stopping_rounds=2, num_parallel_tree=2)
early.fit(train[NUMBERS][:250], yes[:250], eval_set=[(train[NUMBERS][250:], yes[250:])], verbose=0)
assert early.best_iteration + 1 < early.get_booster().num_boosted_rounds()
write_xgboost("xgb_early.ubj", early, NUMBERS)
raw = xgb.train(
    {"objective": "binary:logitraw", "max_depth": 3},
    xgb.DMatrix(train[NUMBERS], yes),
    num_boost_round=6,
)
raw.save_model(HERE / "xgb_logitraw.ubj")
keep("xgb_logitraw.ubj", "xgboost", 1 / (1 + np.exp(-raw.predict(xgb.DMatrix(rows[NUMBERS])))))


def write_lightgbm(file, columns, label, **settings):
    settings = {"verbose": -1, "num_leaves": 9, "min_data_in_leaf": 5, "seed": SEED} | settings
    data = lgb.Dataset(train[columns], label, free_raw_data=False)
    model = lgb.train(settings, data, num_boost_round=6)
    model.save_model(HERE / file)
    # The settings at the end only make the file large.
    text = (HERE / file).read_text()
    start, end = text.index("parameters:"), text.index("end of parameters")
    (HERE / file).write_text(text[:start] + text[end:])
    keep(file, "lightgbm", lgb.Booster(model_file=HERE / file).predict(rows[columns]))


write_lightgbm("lgb_binary.txt", NUMBERS, yes, objective="binary")
write_lightgbm("lgb_zeros.txt", NUMBERS, yes, objective="binary", zero_as_missing=True)
write_lightgbm("lgb_none.txt", NUMBERS, number, objective="regression", use_missing=False)
write_lightgbm("lgb_classes.txt", NUMBERS, several, objective="multiclass", num_class=3)
write_lightgbm(
    "lgb_categories.txt", everything, number, objective="regression", min_data_per_group=5,
    max_cat_to_onehot=1, cat_smooth=1
)
write_lightgbm("lgb_sqrt.txt", NUMBERS, number, objective="regression", reg_sqrt=True)
write_lightgbm("lgb_tweedie.txt", NUMBERS, count, objective="tweedie")
write_lightgbm(
    "lgb_forest.txt", NUMBERS, yes, objective="binary", boosting="rf", bagging_freq=1,
    bagging_fraction=0.6
)

rows.to_csv(HERE / "rows.csv", index=False)
entries = [f"{json.dumps(name)}: {json.dumps(entry)}" for name, entry in expected.items()]
(HERE / "expected.json").write_text("{\n" + ",\n".join(entries) + "\n}\n")
