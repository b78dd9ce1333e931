"""Read the weights of YOLOX-nano from its ONNX file into the light detector."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from visionloop.training.errors import CheckpointUnusable
from visionloop.training.recipes.detection.blocks import ConvolutionUnit
from visionloop.training.recipes.detection.light_network import LightDetector


def load_graph_weights(network: LightDetector, path: Path) -> None:
    """Copy the convolutions of an ONNX file into a detector.

    The file lists its convolutions in the order they run, and the detector runs its own in the
    same order. Class weights are left as they are where the number of classes differs. Batch
    normalisation is folded into the file's convolutions; ``restore_normalisation`` undoes that.

    Raises:
        CheckpointUnusable: the file holds another architecture.
    """
    wanted = _running_order(network)
    found = _read_convolutions(path)
    if len(wanted) != len(found):
        reason = f"it has {len(found)} convolutions, the light detector has {len(wanted)}"
        raise CheckpointUnusable(str(path), reason)
    classifiers = {id(head.classify) for head in network.heads}
    for position, (unit, (weight, bias)) in enumerate(zip(wanted, found, strict=True)):
        convolution = unit.convolution if isinstance(unit, ConvolutionUnit) else unit
        if convolution.weight.shape != weight.shape:
            if id(unit) in classifiers:
                continue
            reason = (
                f"convolution {position} has shape {list(weight.shape)}, "
                f"expected {list(convolution.weight.shape)}"
            )
            raise CheckpointUnusable(str(path), reason)
        with torch.no_grad():
            convolution.weight.copy_(_as_rgb(weight) if position == 0 else weight)
            shift = unit.norm.bias if isinstance(unit, ConvolutionUnit) else unit.bias
            shift.copy_(bias)
    _make_norms_transparent(network)


def restore_normalisation(network: nn.Module, images: Tensor) -> None:
    """Give every normalisation the statistics of real images, without changing any output.

    Folded weights train badly: with its normalisation a network takes larger steps. Each one
    gets the mean and variance that its input has on ``images``, and the scale and shift that undo
    them again.

    Args:
        network: in evaluation mode it gives the same outputs before and after.
        images: (N, 3, H, W) in [0, 1], typical of what will be learned.
    """
    units = [unit for unit in network.modules() if isinstance(unit, ConvolutionUnit)]
    hooks = [unit.convolution.register_forward_hook(_measure_into(unit)) for unit in units]
    network.eval()
    with torch.no_grad():
        network(images)
    for hook in hooks:
        hook.remove()


def _measure_into(unit: ConvolutionUnit) -> Callable[[nn.Module, Any, Tensor], None]:
    def measure(_: nn.Module, __: Any, output: Tensor) -> None:
        norm = unit.norm
        mean, variance = output.mean(dim=(0, 2, 3)), output.var(dim=(0, 2, 3))
        deviation = (variance + norm.eps).sqrt()
        shift = norm.bias - norm.running_mean * norm.weight / (norm.running_var + norm.eps).sqrt()
        scale = norm.weight / (norm.running_var + norm.eps).sqrt()
        norm.weight.copy_(scale * deviation)
        norm.bias.copy_(shift + scale * mean)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)

    return measure


def _running_order(network: LightDetector) -> list[nn.Module]:
    """Return units and bare convolutions in the order in which they run."""
    order: list[nn.Module] = []
    inside = {
        id(unit.convolution) for unit in network.modules() if isinstance(unit, ConvolutionUnit)
    }
    found = [
        module
        for module in network.modules()
        if isinstance(module, ConvolutionUnit)
        or (isinstance(module, nn.Conv2d) and id(module) not in inside)
    ]
    hooks = [module.register_forward_hook(lambda m, _, __: order.append(m)) for module in found]
    with torch.no_grad():
        network.eval()(torch.zeros(1, 3, 64, 64))
    for hook in hooks:
        hook.remove()
    return order


def _read_convolutions(path: Path) -> list[tuple[Tensor, Tensor]]:
    try:
        graph = onnx.load(str(path)).graph
    except Exception as error:  # the parser raises classes of the protobuf library
        raise CheckpointUnusable(str(path), "it is no ONNX file") from error
    values = {item.name: item for item in graph.initializer}

    def read(name: str) -> Tensor:
        return torch.from_numpy(np.array(numpy_helper.to_array(values[name])))

    return [
        (read(node.input[1]), read(node.input[2]))
        for node in graph.node
        if node.op_type == "Conv" and all(name in values for name in node.input[1:3])
    ]


def _as_rgb(weight: Tensor) -> Tensor:
    """Turn weights for blue, green, red in [0, 255] into weights for red, green, blue in [0, 1]."""
    outputs, _, height, width = weight.shape
    return weight.view(outputs, 4, 3, height, width).flip(2).reshape(weight.shape) * 255.0


def _make_norms_transparent(network: nn.Module) -> None:
    """Let each normalisation pass its input on and add the shift that was read into it."""
    with torch.no_grad():
        for unit in network.modules():
            if isinstance(unit, ConvolutionUnit):
                unit.norm.running_mean.zero_()
                unit.norm.running_var.fill_(1.0)
                unit.norm.weight.fill_((1.0 + unit.norm.eps) ** 0.5)
