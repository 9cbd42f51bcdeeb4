"""Trains the four churn models and prints their held-out scores.

    pip install numpy pandas safetensors
    python train.py                            # trains on training.csv, scores churn.csv
    python train.py --source mlc_churn.csv     # first makes those two files again

The source file is what R writes with
`write.csv(modeldata::mlc_churn, "mlc_churn.csv", row.names = FALSE)`.
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

SPLIT_SEED, TRAINING_ROWS, VALIDATION_ROWS = 1998, 2300, 500
# A needless offer to somebody who stays; a customer lost for want of one.
FALSE_POSITIVE, FALSE_NEGATIVE = 4.0, 20.0
CHARGES = ["total_day_charge", "total_eve_charge", "total_night_charge", "total_intl_charge"]


def split(source: Path) -> None:
    """Writes training.csv and churn.csv; no row is in both."""
    table = pd.read_csv(source)
    rng = np.random.default_rng(SPLIT_SEED)
    order = rng.permutation(len(table))
    table.iloc[order[:TRAINING_ROWS]].to_csv(HERE / "training.csv", index=False)

    replay = table.iloc[order[TRAINING_ROWS:]].reset_index(drop=True)
    # Made up: the source names nobody.
    numbers = rng.choice(1_000_000, len(replay), replace=False)
    replay.insert(0, "customer", [f"C{n:06d}" for n in numbers])
    # Derived: what the customer pays in the month.
    replay.insert(len(replay.columns) - 1, "monthly_bill", replay[CHARGES].sum(axis=1).round(2))
    replay.to_csv(HERE / "churn.csv", index=False)


def churned(table: pd.DataFrame) -> np.ndarray:
    return (table["churn"] == "yes").to_numpy().astype(float)


def as_it_was(table: pd.DataFrame) -> pd.DataFrame:
    return table


def with_exit_calls(table: pd.DataFrame) -> pd.DataFrame:
    """The mistake: calls were counted up to the day a customer left, so that whoever left carries
    the two or three calls in which the contract was ended. Nobody has made them at scoring time."""
    rng = np.random.default_rng(7)
    calls = rng.integers(2, 4, len(table)) * churned(table).astype(int)
    return table.assign(number_customer_service_calls=table["number_customer_service_calls"] + calls)


def few_inputs() -> list:
    return [
        Number("account_length"),
        Number("total_day_minutes"),
        Number("total_eve_minutes"),
        Number("total_night_minutes"),
        Number("total_intl_minutes"),
        Number("number_customer_service_calls"),
        Category("international_plan"),
        Category("voice_mail_plan"),
    ]


def all_inputs() -> list:
    return few_inputs() + [
        Number("number_vmail_messages"),
        Number("total_day_calls"),
        Number("total_eve_calls"),
        Number("total_night_calls"),
        Number("total_intl_calls"),
    ]


MODELS = {
    "v1": dict(
        name="Churn v1",
        description="Logistic regression on eight inputs; the model that runs every night.",
        inputs=few_inputs, hidden=[], seed=1, table=as_it_was, dtype=np.float32, options={},
    ),
    "v2_good": dict(
        name="Churn v2",
        description="Two hidden layers on all thirteen inputs.",
        inputs=all_inputs, hidden=[32, 16], seed=1, table=as_it_was, dtype=np.float32,
        options=dict(decay=3e-3),
    ),
    "v2_bad": dict(
        name="Churn v2 (bad)",
        description="As v2, but trained on service calls that include those made when leaving.",
        inputs=all_inputs, hidden=[32, 16], seed=1, table=with_exit_calls, dtype=np.float32,
        options=dict(decay=3e-3),
    ),
    "v2_slow": dict(
        name="Churn v2 (slow)",
        description="Twenty-four hidden layers one after another: at least as good as v2, many times slower.",
        inputs=all_inputs, hidden=[48] * 24, seed=1, table=as_it_was, dtype=np.float16,
        options=dict(decay=1e-2, rate=1e-3),
    ),
}


def train(about: dict, table: pd.DataFrame):
    """The model, its inputs, its threshold and its validation scores, from the training part alone."""
    fit = about["table"](table.iloc[:-VALIDATION_ROWS])
    validation = about["table"](table.iloc[-VALIDATION_ROWS:])
    inputs = [one.fit(fit) for one in about["inputs"]()]
    x, x_val = encode(inputs, fit), encode(inputs, validation)
    model = Mlp([x.shape[1], *about["hidden"], 1], about["seed"])
    model.train(x, churned(fit), x_val, churned(validation), about["seed"], **about["options"])
    model.rounded(about["dtype"])
    both = pd.concat([fit, validation])
    threshold = best_threshold(
        model.predict(encode(inputs, both)), churned(both), FALSE_POSITIVE, FALSE_NEGATIVE
    )
    return model, inputs, threshold, scores(model.predict(x_val), churned(validation), threshold)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", type=Path)
    source = parser.parse_args().source
    if source:
        split(source)
    table, replay = pd.read_csv(HERE / "training.csv"), pd.read_csv(HERE / "churn.csv")
    truth, baseline = churned(replay), None
    abroad = (replay["international_plan"] == "yes").to_numpy()
    print("| model | threshold | accuracy | recall | precision | ROC AUC | log loss | Brier | cost per 1,000 | recall against v1 | ROC AUC in validation |")
    print("|---|---|---|---|---|---|---|---|---|---|---|")
    slices = []
    for folder, about in MODELS.items():
        model, inputs, threshold, validation = train(about, table)
        write_model(
            HERE / "models" / folder, model, inputs, about["dtype"], threshold,
            name=about["name"], description=about["description"], classes=["no", "yes"],
            licence="MIT, as the data (see LICENSE-DATA)",
            origin="Trained by train.py in this folder on training.csv",
        )
        p = model.predict(encode(inputs, replay))
        s = scores(p, truth, threshold)
        yes = p >= threshold
        cost = FALSE_POSITIVE * np.mean(yes & (truth == 0)) + FALSE_NEGATIVE * np.mean(~yes & (truth == 1))
        found = yes[truth == 1]
        baseline = found if baseline is None else baseline
        low, high = bootstrap_difference(baseline, found)
        print(
            f"| {folder} | {threshold} | {s['accuracy']:.3f} | {s['recall']:.3f} | {s['precision']:.3f} "
            f"| {s['roc_auc']:.3f} | {s['log_loss']:.3f} | {s['brier']:.3f} | {1000 * cost:.0f} "
            f"| {100 * (found.mean() - baseline.mean()):+.1f} points ({100 * low:+.1f} to {100 * high:+.1f}) "
            f"| {validation['roc_auc']:.3f} |"
        )
        parts = [scores(p[rows], truth[rows], threshold) for rows in (~abroad, abroad)]
        slices.append(
            f"| {folder} | " + " | ".join(f"{part['recall']:.3f} | {part['accuracy']:.3f}" for part in parts) + " |"
        )
    print("\n| model | recall without plan | accuracy without plan | recall with plan | accuracy with plan |\n|---|---|---|---|---|")
    print("\n".join(slices))


if __name__ == "__main__":
    main()
