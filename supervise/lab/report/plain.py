"""The results for programs: JSON, and JUnit's XML for a CI server."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from xml.etree import ElementTree as ET

from supervise.lab.scenarios.result import Fate, ScenarioResult


def as_json(results: Sequence[ScenarioResult]) -> str:
    """Everything but the sound and the pictures."""
    return json.dumps([_scenario(result) for result in results], indent=1, default=str)


def _scenario(result: ScenarioResult) -> dict[str, object]:
    return {
        "name": result.name,
        "about": result.about,
        "file": result.file.name,
        "right": result.right,
        "problems": result.problems,
        "took_s": round(result.took_s, 1),
        "lost_frames": result.lost,
        "leaked_frames": sum(step.leaked for step in result.steps),
        "versions": dict(result.versions),
        "steps": [{**asdict(step), "right": step.right} for step in result.steps],
        "call": [_fate(fate) for fate in result.fates],
        "sip": [asdict(message) for message in result.ladder],
        "journal": [dict(record) for record in result.records],
    }


def _fate(fate: Fate) -> dict[str, object]:
    frames = fate.frames
    delays = {f"delay_p{each}_ms": round(frames.delay_ms(each), 1) for each in (50, 99)} if frames.delays_ms else {}
    return {
        "speaker": fate.speaker,
        "listener": fate.listener,
        "frames": frames.matched,
        "lost": fate.lost,
        "repeated": frames.repeated,
        "silent": frames.silent,
        "damaged": frames.damaged,
        "longest_gap_ms": round(fate.gap_ms, 1),
        **delays,
    }


def as_junit(results: Sequence[ScenarioResult]) -> str:
    """A test case for each scenario."""
    wrong = [result for result in results if not result.right]
    seconds = sum(result.took_s for result in results)
    suite = ET.Element(
        "testsuite",
        name="supervise scenarios",
        tests=str(len(results)),
        failures=str(len(wrong)),
        time=f"{seconds:.1f}",
    )
    for result in results:
        case = ET.SubElement(
            suite,
            "testcase",
            classname="scenarios",
            name=result.name,
            file=result.file.name,
            time=f"{result.took_s:.1f}",
        )
        if not result.right:
            ET.SubElement(case, "failure", message=result.problems[0]).text = "\n".join(result.problems)
        ET.SubElement(case, "system-out").text = "\n".join(
            f"{'right' if step.right else 'WRONG'} {step.what} ({step.settled_ms:.0f} ms)" for step in result.steps
        )
    return ET.tostring(suite, encoding="unicode", xml_declaration=True)
