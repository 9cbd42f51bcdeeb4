"""Writes the same small weights in PyTorch's and NumPy's formats. Needs numpy and torch. Run: python
make.py"""

from collections import OrderedDict
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent
weight = torch.arange(6, dtype=torch.float32).reshape(2, 3) / 4
state = OrderedDict(
    {
        "first.weight": weight,
        # Views: the numbers lie in other orders, and not at the start.
        "turned.weight": weight.t(),
        "second_row": weight[1],
        "half": torch.tensor([0.5, -2.0], dtype=torch.float16),
        "parameter": torch.nn.Parameter(torch.tensor([1.0, 2.0])),
        "count": torch.tensor(7),
    }
)
torch.save(state, HERE / "state.pt")
torch.save({"epoch": 3, "model_state_dict": state, "loss": 0.5}, HERE / "checkpoint.pt")
torch.save(state, HERE / "old.pt", _use_new_zipfile_serialization=False)
torch.save(torch.nn.Linear(2, 1), HERE / "whole.pt")
torch.jit.save(torch.jit.script(torch.nn.Linear(2, 1)), HERE / "script.pt")
arrays = {name: tensor.detach().numpy() for name, tensor in state.items()}
np.savez(HERE / "arrays.npz", **arrays)
np.savez_compressed(HERE / "compressed.npz", **arrays)
