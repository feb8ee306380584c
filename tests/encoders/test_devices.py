"""What is computed where, as far as a machine can know without the devices."""

from pathlib import Path

import pytest

from search.encoders.devices import Capability, has_bfloat16, part_size, plan_for

TURING, AMPERE, HOPPER = (7, 5), (8, 0), (9, 0)
SHAPES = (1, 8, 32, 128, 256)


@pytest.mark.parametrize(
    ("flags", "expected"),
    [("fpu avx512_bf16 avx2", True), ("amx_bf16", True), ("avx2 avx512f", False)],
)
def test_a_processor_says_whether_it_has_bfloat16(
    tmp_path: Path, flags: str, expected: bool
) -> None:
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text(f"processor\t: 0\nflags\t\t: {flags}\n")
    assert has_bfloat16(cpuinfo) is expected


def test_an_unknown_processor_has_no_bfloat16(tmp_path: Path) -> None:
    assert not has_bfloat16(tmp_path / "cpuinfo")


@pytest.mark.parametrize(("bfloat16", "precision"), [(True, "bfloat16"), (False, "float32")])
def test_a_processor_computes_as_precisely_as_it_does_quickly(
    bfloat16: bool, precision: str
) -> None:
    plan = plan_for([], processor_bfloat16=bfloat16)
    assert (plan.on_gpu, plan.precision) == (False, precision)


@pytest.mark.parametrize(
    ("gpus", "precision"),
    [([HOPPER], "bfloat16"), ([AMPERE], "bfloat16"), ([TURING], "float32")],
)
def test_a_gpu_computes_in_bfloat16_where_it_can(gpus: list[Capability], precision: str) -> None:
    plan = plan_for(gpus, processor_bfloat16=True)
    assert (plan.on_gpu, plan.precision) == (True, precision)


def test_the_weakest_of_several_gpus_decides() -> None:
    assert plan_for([HOPPER, TURING], processor_bfloat16=True).precision == "float32"


def test_a_batch_takes_no_more_memory_in_float32_than_in_bfloat16() -> None:
    in_bfloat16, in_float32 = (
        max(plan_for([], processor_bfloat16=bfloat16).batch_shapes) for bfloat16 in (True, False)
    )
    assert in_float32 * 4 <= in_bfloat16 * 2


def test_a_gpu_gets_larger_batches() -> None:
    on_gpu, on_processor = (
        plan_for(gpus, processor_bfloat16=False).batch_shapes for gpus in ([HOPPER], [])
    )
    assert max(on_gpu) > max(on_processor)
    assert list(on_gpu) == sorted(on_gpu)


def test_a_part_of_a_batch_fills_a_shape_of_its_device() -> None:
    for gpus in ([HOPPER], []):
        plan = plan_for(gpus, processor_bfloat16=False)
        assert part_size(plan.batch_size) in plan.batch_shapes


@pytest.mark.parametrize(
    ("most", "shapes"), [(1, (1,)), (2, (1, 8)), (8, (1, 8)), (9, (1, 8, 32)), (999, SHAPES)]
)
def test_a_batch_meets_the_shapes_up_to_its_own(most: int, shapes: tuple[int, ...]) -> None:
    assert plan_for([HOPPER], processor_bfloat16=True).shapes_for(most) == shapes
