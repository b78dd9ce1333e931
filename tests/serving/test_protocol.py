"""Open Inference Protocol v2: every shape of request that clients send."""

from __future__ import annotations

import base64
import io
import json
import struct
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image

from tests.serving.conftest import RunningServer, ServerFactory, entry
from tests.serving.models import COLORS, build_package, make_image

INFER = "/v2/models/colors/infer"


def test_server_and_health(server: RunningServer) -> None:
    assert server.client.get("/v2").json()["extensions"] == ["binary_tensor_data"]
    assert server.client.get("/v2/health/live").json() == {"live": True}
    assert server.client.get("/v2/health/ready").json() == {"ready": True}


@pytest.mark.parametrize("name", ["colors", "main", "colors-prod"])
def test_model_metadata_by_any_of_its_names(server: RunningServer, name: str) -> None:
    content = server.client.get(f"/v2/models/{name}").json()
    assert content["name"] == name
    assert content["versions"] == ["1"]
    assert content["inputs"] == [{"name": "images", "datatype": "BYTES", "shape": [-1]}]
    names = {output["name"]: output["shape"] for output in content["outputs"]}
    assert names["probabilities"] == [-1, len(COLORS)]
    assert server.client.get(f"/v2/models/{name}/ready").json()["ready"] is True
    assert server.client.get(f"/v2/models/{name}/versions/1/ready").status_code == 200


@pytest.mark.parametrize("path", ["/v2/models/dogs", "/v2/models/colors/versions/7/ready"])
def test_unknown_models(server: RunningServer, path: str) -> None:
    answer = server.client.get(path)
    assert answer.status_code == 404
    assert "no model" in answer.json()["error"]


@pytest.mark.parametrize("shape", [[2], [2, 1]])
def test_base64_images(server: RunningServer, shape: list[int]) -> None:
    texts = [base64.b64encode(make_image(color)).decode() for color in ("blue", "red")]
    data: list[Any] = texts if len(shape) == 1 else [[text] for text in texts]
    tensor = {"name": "images", "datatype": "BYTES", "shape": shape, "data": data}
    content = server.client.post(INFER, json={"id": "call-1", "inputs": [tensor]}).json()
    assert content["id"] == "call-1"
    assert content["model_name"] == "colors"
    outputs = {output["name"]: output for output in content["outputs"]}
    assert set(outputs) == {"label", "score", "probabilities"}
    assert outputs["label"]["data"] == ["blue", "red"]
    assert outputs["probabilities"]["shape"] == [2, 3]
    assert len(outputs["probabilities"]["data"]) == 6


@pytest.mark.parametrize("batched", [False, True])
@pytest.mark.parametrize("nested", [False, True])
def test_pixel_tensors(server: RunningServer, batched: bool, nested: bool) -> None:
    pixels = np.asarray(Image.open(io.BytesIO(make_image("green", size=(20, 10)))))
    values = pixels[None] if batched else pixels
    data = values.tolist() if nested else values.ravel().tolist()
    tensor = {"name": "images", "datatype": "UINT8", "shape": list(values.shape), "data": data}
    content = server.client.post(INFER, json={"inputs": [tensor]}).json()
    assert content["outputs"][0]["data"] == ["green"]


def test_images_and_pixels_agree(server: RunningServer) -> None:
    image = make_image("green", kind="PNG")
    pixels = np.asarray(Image.open(io.BytesIO(image)))
    tensor = {
        "name": "x",
        "datatype": "UINT8",
        "shape": list(pixels.shape),
        "data": pixels.tolist(),
    }
    from_pixels = server.client.post(INFER, json={"inputs": [tensor]}).json()["outputs"][1]["data"]
    assert from_pixels == pytest.approx([server.post(image).json()["score"]], abs=1e-6)


def test_binary_in_and_out(server: RunningServer) -> None:
    images = [make_image("red"), make_image("blue")]
    blob = b"".join(struct.pack("<I", len(image)) + image for image in images)
    head = {
        "inputs": [
            {
                "name": "images",
                "datatype": "BYTES",
                "shape": [2],
                "parameters": {"binary_data_size": len(blob)},
            }
        ],
        "parameters": {"binary_data_output": True},
    }
    content, blobs = split(post_binary(server, head, blob))
    labels, scores, probabilities = content["outputs"]
    size = labels["parameters"]["binary_data_size"]
    assert blobs[:size] == b"\x03\0\0\0red\x04\0\0\0blue"
    score_bytes = blobs[size : size + scores["parameters"]["binary_data_size"]]
    assert np.frombuffer(score_bytes, dtype="<f4").min() > 0.9
    rest = np.frombuffer(blobs[size + len(score_bytes) :], dtype="<f4").reshape(
        probabilities["shape"]
    )
    assert rest.argmax(axis=1).tolist() == [0, 2]


def test_binary_pixels_and_one_binary_output(server: RunningServer) -> None:
    pixels = np.asarray(Image.open(io.BytesIO(make_image("blue"))))
    head = {
        "inputs": [
            {
                "name": "images",
                "datatype": "UINT8",
                "shape": list(pixels.shape),
                "parameters": {"binary_data_size": pixels.nbytes},
            }
        ],
        "outputs": [
            {"name": "label"},
            {"name": "embedding", "parameters": {"binary_data": True}},
        ],
    }
    content, blob = split(post_binary(server, head, pixels.tobytes()))
    assert content["outputs"][0]["data"] == ["blue"]
    assert np.frombuffer(blob, dtype="<f4").argmax() == 2


def test_a_raw_file_behind_an_empty_header(server: RunningServer) -> None:
    answer = server.client.post(
        INFER, content=make_image("green"), headers={"Inference-Header-Content-Length": "0"}
    )
    assert answer.json()["outputs"][0]["data"] == ["green"]


def test_outputs_are_filtered(server: RunningServer) -> None:
    request = {"inputs": [bytes_tensor(make_image())], "outputs": [{"name": "embedding"}]}
    outputs = server.client.post(INFER, json=request).json()["outputs"]
    assert [(output["name"], output["shape"]) for output in outputs] == [("embedding", [1, 3])]
    request["outputs"] = [{"name": "logits"}]
    refused = server.client.post(INFER, json=request)
    assert refused.status_code == 400
    assert "logits" in refused.json()["error"]


def bytes_tensor(image: bytes, **changes: Any) -> dict[str, Any]:
    data = [base64.b64encode(image).decode()]
    return {"name": "images", "datatype": "BYTES", "shape": [1], "data": data} | changes


@pytest.mark.parametrize(
    "request_body",
    [
        b"{",
        b"[]",
        b'{"inputs": []}',
        b'{"inputs": [1]}',
        b'{"inputs": [{"name": "images", "datatype": "BYTES", "shape": [1]}]}',
        json.dumps({"inputs": [bytes_tensor(b"x", shape=[2])]}).encode(),
        json.dumps({"inputs": [bytes_tensor(b"x", shape="1")]}).encode(),
        json.dumps({"inputs": [bytes_tensor(b"x", data=["not base64!"])]}).encode(),
        json.dumps({"inputs": [bytes_tensor(b"x", datatype="FP32")]}).encode(),
        json.dumps({"inputs": [bytes_tensor(b"no image")]}).encode(),
        json.dumps({"inputs": [bytes_tensor(b"x")], "id": 7}).encode(),
        json.dumps({"inputs": [bytes_tensor(b"x", shape=[0], data=[])]}).encode(),
        json.dumps(
            {"inputs": [bytes_tensor(b"", datatype="UINT8", shape=[1, 1, 3], data=[0, 1, 256])]}
        ).encode(),
        json.dumps(
            {"inputs": [bytes_tensor(b"", datatype="UINT8", shape=[1, 1, 3], data=[[0], [1, 2]])]}
        ).encode(),
        json.dumps(
            {"inputs": [bytes_tensor(b"", datatype="UINT8", shape=[2, 2, 3], data=[0, 1, 2])]}
        ).encode(),
        b"[" * 100_000,
    ],
)
def test_bad_requests_are_400(server: RunningServer, request_body: bytes) -> None:
    answer = server.client.post(INFER, content=request_body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]
    assert server.client.get("/v2/health/ready").status_code == 200


@pytest.mark.parametrize("length", ["-1", "x", "99999999"])
def test_bad_header_lengths_are_400(server: RunningServer, length: str) -> None:
    headers = {"Inference-Header-Content-Length": length}
    assert server.client.post(INFER, content=b"{}", headers=headers).status_code == 400


def test_cut_off_binary_tensors_are_400(server: RunningServer) -> None:
    blob = struct.pack("<I", 1000) + b"short"
    head = {"inputs": [bytes_tensor(b"") | {"parameters": {"binary_data_size": len(blob)}}]}
    assert post_binary(server, head, blob).status_code == 400
    head["inputs"][0]["parameters"] = {"binary_data_size": 10_000}
    assert post_binary(server, head, blob).status_code == 400


def test_too_large_is_413(start_server: ServerFactory) -> None:
    server = start_server(max_body_bytes=20_000, max_pixels=100)
    assert server.client.post(INFER, content=b" " * 30_000).status_code == 413
    tensor = bytes_tensor(b"", datatype="UINT8", shape=[20, 20, 3], data=[0] * 1200)
    assert server.client.post(INFER, json={"inputs": [tensor]}).status_code == 413


def test_versions_choose_among_deployments(start_server: ServerFactory) -> None:
    server = start_server(deployments=[])
    packages = server.packages_dir
    first = build_package(packages)
    second = build_package(packages, labels=("rouge", "vert", "bleu"))
    server.rewrite(
        deployments=[
            entry(packages, first, "blue", weight=100, model_version="1"),
            entry(packages, second, "green", weight=0, model_version="2"),
        ]
    )
    assert server.client.get("/v2/models/colors").json()["versions"] == ["1", "2"]
    body = {"inputs": [bytes_tensor(make_image())]}
    for version, label in (("1", "red"), ("2", "rouge")):
        path = f"/v2/models/colors/versions/{version}/infer"
        content = server.client.post(path, json=body).json()
        assert content["model_version"] == version
        assert content["outputs"][0]["data"] == [label]
    assert server.client.post(INFER, json=body).json()["model_version"] == "1"


def post_binary(server: RunningServer, head: dict[str, Any], blob: bytes) -> httpx.Response:
    text = json.dumps(head).encode()
    headers = {"Inference-Header-Content-Length": str(len(text))}
    return server.client.post(INFER, content=text + blob, headers=headers)


def split(answer: httpx.Response) -> tuple[dict[str, Any], bytes]:
    assert answer.status_code == 200, answer.text
    length = int(answer.headers["inference-header-content-length"])
    return json.loads(answer.content[:length]), answer.content[length:]
