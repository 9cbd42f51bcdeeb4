"""Trains the four loan risk models and prints their held-out scores.

    pip install numpy pandas safetensors
    python train.py                              # trains on training.csv, scores loans.csv
    python train.py --source credit_data.csv     # first makes those two files again

The source file is what R writes with
`write.csv(modeldata::credit_data, "credit_data.csv", row.names = FALSE)`.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
from tabular_mlp import (  # noqa: E402
    Category,
    Mlp,
    Number,
    best_threshold,
    bootstrap_difference,
    encode,
    scores,
    write_model,
)

SPLIT_SEED, TRAINING_ROWS, VALIDATION_ROWS = 2017, 2000, 400
# What a wrong answer costs per quote: refusing a good customer, accepting a bad one.
FALSE_POSITIVE, FALSE_NEGATIVE = 0.20, 0.30


def split(source: Path) -> None:
    """Writes training.csv and loans.csv; no row is in both."""
    table = pd.read_csv(source).convert_dtypes()
    table.columns = [name.lower() for name in table.columns]
    table = table.rename(columns={"time": "months"})
    features = [name for name in table.columns if name != "status"]
    table = table[features + ["status"]]
    rng = np.random.default_rng(SPLIT_SEED)
    order = rng.permutation(len(table))
    table.iloc[order[:TRAINING_ROWS]].to_csv(HERE / "training.csv", index=False)

    replay = table.iloc[order[TRAINING_ROWS:]].reset_index(drop=True)
    # Made up: the source has neither a person nor a moment.
    gaps = rng.exponential(10.0, len(replay))
    moments = pd.Timestamp("2026-01-12T08:00:00") + pd.to_timedelta(np.cumsum(gaps).round(1), unit="s")
    replay.insert(0, "applicant", [f"A{n:05d}" for n in rng.choice(100_000, len(replay), replace=False)])
    replay.insert(0, "applied_at", moments.strftime("%Y-%m-%dT%H:%M:%S"))
    # Derived: a margin of 0.01 % of the amount for each year, per quote.
    margin = replay["amount"].astype(float) * replay["months"].astype(float) / 12 * 0.0001
    replay.insert(len(replay.columns) - 1, "margin", margin.round(3))
    replay.to_csv(HERE / "loans.csv", index=False)


def bad(table: pd.DataFrame) -> np.ndarray:
    return (table["status"] == "bad").to_numpy().astype(float)


def freelancers_turned_round(table: pd.DataFrame) -> np.ndarray:
    """The mistake: one partner's file writes 1 for repaid, and nobody noticed."""
    labels = bad(table)
    freelance = (table["job"] == "freelance").to_numpy()
    labels[freelance] = 1 - labels[freelance]
    return labels


def few_inputs() -> list:
    names = ["seniority", "age", "income", "expenses", "amount", "months"]
    return [Number(name) for name in names]


def all_inputs() -> list:
    return [
        Number("seniority"),
        Category("home"),
        Number("months"),
        Number("age"),
        Category("marital"),
        Category("records"),
        Category("job"),
        Number("expenses"),
        Number("income", log1p=True),
        Number("assets", log1p=True),
        Number("debt", log1p=True),
        Number("amount", log1p=True),
        Number("price", log1p=True),
    ]


MODELS = {
    "v1": dict(
        name="Loan risk v1",
        description="Logistic regression on six numbers; the model in production.",
        inputs=few_inputs, hidden=[], seed=1, labels=bad, dtype=np.float32, options={},
    ),
    "v2_good": dict(
        name="Loan risk v2",
        description="Two hidden layers on all thirteen inputs, records and job included.",
        inputs=all_inputs, hidden=[32, 16], seed=1, labels=bad, dtype=np.float32,
        options=dict(decay=1e-2),
    ),
    "v2_bad": dict(
        name="Loan risk v2 (bad)",
        description="As v2, but the labels of freelancers were the wrong way round in training.",
        inputs=all_inputs, hidden=[24], seed=2, labels=freelancers_turned_round, dtype=np.float32,
        options=dict(decay=1e-2),
    ),
    "v2_slow": dict(
        name="Loan risk v2 (slow)",
        description="Twenty-four hidden layers one after another: about as good as v2, many times slower.",
        inputs=all_inputs, hidden=[48] * 24, seed=1, labels=bad, dtype=np.float16,
        options=dict(decay=1e-2, rate=1e-3),
    ),
}


def train(about: dict, table: pd.DataFrame):
    """The model, its inputs and its threshold, from the training part alone."""
    fit, validation = table.iloc[:-VALIDATION_ROWS], table.iloc[-VALIDATION_ROWS:]
    inputs = [one.fit(fit) for one in about["inputs"]()]
    x, x_val = encode(inputs, fit), encode(inputs, validation)
    labels, labels_val = about["labels"](fit), about["labels"](validation)
    model = Mlp([x.shape[1], *about["hidden"], 1], about["seed"])
    model.train(x, labels, x_val, labels_val, about["seed"], **about["options"])
    model.rounded(about["dtype"])
    threshold = best_threshold(
        model.predict(encode(inputs, table)), about["labels"](table), FALSE_POSITIVE, FALSE_NEGATIVE
    )
    return model, inputs, threshold


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=Path)
    source = parser.parse_args().source
    if source:
        split(source)
    table, replay = pd.read_csv(HERE / "training.csv"), pd.read_csv(HERE / "loans.csv")
    truth, baseline = bad(replay), None
    print("| model | threshold | accuracy | recall | precision | ROC AUC | log loss | Brier | cost per 1,000 | accuracy against v1 |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    slices = []
    for folder, about in MODELS.items():
        model, inputs, threshold = train(about, table)
        write_model(
            HERE / "models" / folder, model, inputs, about["dtype"], threshold,
            name=about["name"], description=about["description"], classes=["good", "bad"],
            licence="MIT, as the data (see LICENSE-DATA)",
            origin="Trained by train.py in this folder on training.csv",
        )
        p = model.predict(encode(inputs, replay))
        s = scores(p, truth, threshold)
        yes = p >= threshold
        right = yes == (truth == 1)
        cost = FALSE_POSITIVE * np.mean(yes & (truth == 0)) + FALSE_NEGATIVE * np.mean(~yes & (truth == 1))
        baseline = right if baseline is None else baseline
        low, high = bootstrap_difference(baseline, right)
        print(
            f"| {folder} | {threshold} | {s['accuracy']:.3f} | {s['recall']:.3f} | {s['precision']:.3f} "
            f"| {s['roc_auc']:.3f} | {s['log_loss']:.3f} | {s['brier']:.3f} | {1000 * cost:.1f} "
            f"| {100 * (s['accuracy'] - baseline.mean()):+.1f} points ({100 * low:+.1f} to {100 * high:+.1f}) |"
        )
        of_job = [right[(replay['job'] == job).to_numpy()].mean() for job in ("fixed", "freelance", "partime", "others")]
        slices.append(f"| {folder} | " + " | ".join(f"{share:.3f}" for share in of_job) + " |")
    print("\n| accuracy by job | fixed | freelance | partime | others |\n|---|---|---|---|---|")
    print("\n".join(slices))


if __name__ == "__main__":
    main()
