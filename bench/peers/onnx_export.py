"""Writes a workload's model, as PyTorch builds it, in ONNX: onnx_export.py FILE < workload.json"""

import json
import sys
import warnings

import torch
from torch_model import build

warnings.simplefilter("ignore")  # that another exporter is newer; this one needs no more packages
workload = json.load(sys.stdin)
shape = workload["input"]
if len(shape) == 3:
    shape = [shape[2], *shape[:2]]
x = torch.zeros(workload["batch"], *shape)
model = build(workload).eval()
model(x)  # gives lazy layers their shapes
torch.onnx.export(model, (x,), sys.argv[1], dynamo=False, input_names=["x"], output_names=["y"])
