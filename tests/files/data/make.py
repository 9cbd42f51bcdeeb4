"""Small datasets in binary formats, for tests: one text, one number with gaps, one time, one label."""

from pathlib import Path

import pyarrow as pa
import pyarrow.feather as feather
import pyarrow.parquet as parquet

HERE = Path(__file__).parent
ROWS = 40

table = pa.table(
    {
        "name": [f"customer {row}" for row in range(ROWS)],
        "amount": pa.array([None if row % 7 == 0 else row * 1.5 for row in range(ROWS)], pa.float64()),
        "when": pa.array([1_700_000_000_000 + row * 60_000 for row in range(ROWS)], pa.timestamp("ms")),
        "label": [row % 3 == 0 for row in range(ROWS)],
    }
)
parquet.write_table(table, HERE / "rows.parquet", compression="snappy", row_group_size=16)
feather.write_feather(table, HERE / "rows.arrow", compression="lz4", chunksize=16)
with open(HERE / "rows.ndjson", "w", encoding="utf-8") as file:
    for row in range(ROWS):
        amount = "null" if row % 7 == 0 else row * 1.5
        label = str(row % 3 == 0).lower()
        file.write(f'{{"name": "customer {row}", "amount": {amount}, "label": {label}}}\n')
