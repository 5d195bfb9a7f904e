"""The gate's answer in words, JSON or JUnit."""

import json

from ombud.release.gate import RELEASE, GateReport, Item, Verdict

MARK = {Verdict.MAY: "may ", Verdict.MAY_NOT: "NOT ", Verdict.CANNOT_TELL: "?   "}


def render(report: GateReport, role: str, format: str) -> str:
    """The answer in the format that was asked for."""
    if format == "json":
        return json.dumps(report.to_json(), indent=2, ensure_ascii=False)
    if format == "junit":
        from ombud.documents.junit import gate_suite

        return gate_suite(report.to_json())
    return _text(report, role)


def _text(report: GateReport, role: str) -> str:
    blocking = [item for item in report.items if item.blocks]
    lines = [_verdict(report), report.headline(role), ""]
    if blocking:
        lines += ["What blocks:", *(_line(item) for item in blocking), ""]
    if report.deviations:
        lines += ["Accepted deviations:", *(_line(item) for item in report.deviations), ""]
    if report.open_by_owner:
        open_rows = " · ".join(f"{owner} {n}" for owner, n in sorted(report.open_by_owner.items()))
        lines += [f"Open requirements by owner: {open_rows}"]
    lines += ["Next: " + _next(report)]
    return "\n".join(lines)


def _verdict(report: GateReport) -> str:
    name = f"{report.system}, release {(report.release or 'none')[:12]}"
    if report.break_glass:
        return f"MAY, glass broken until {report.break_glass}: {name}"
    accepted = f", with {len(report.deviations)} accepted deviation(s)" if report.deviations else ""
    return f"{str(report.verdict).upper()}{accepted}: {name}"


def _line(item: Item) -> str:
    return f"  {MARK[item.verdict]} {item.name} [{item.owner}] {item.because}"


def _next(report: GateReport) -> str:
    if report.verdict is Verdict.MAY:
        return "ombud gate release MANIFEST --as HOLDER declares it live."
    kinds = {item.kind for item in report.items if item.blocks}
    if any(item.target == RELEASE for item in report.items):
        return "ombud check MANIFEST measures the release that is there now."
    if "limit" in kinds:
        return "mend what is measured beyond its limit or in doubt, then ombud check again."
    if "law" in kinds:
        return "put the missing documents on record: ombud attest document:NAME --document FILE --as HOLDER."
    return "have people approve: ombud gate approve MANIFEST --as HOLDER."
