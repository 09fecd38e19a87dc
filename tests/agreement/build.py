"""Small sets to measure agreement of."""

from curation.model import AnnotationSet


def annotated(uid, annotator, *spans, events=(), **provenance):
    """A set with these (start, end, label) entities T0, T1, …"""
    entities = [
        {"id": f"T{i}", "start": start, "end": end, "label": label}
        for i, (start, end, label) in enumerate(spans)
    ]
    data = {"uid": uid, "annotator": annotator, "entities": entities, "events": list(events)}
    return AnnotationSet.model_validate({**data, "provenance": provenance})


def event(start, kind, *arguments, **attributes):
    """An event with a trigger of three characters and (role, target) arguments."""
    trigger = {"start": start, "end": start + 3}
    roles = [{"role": role, "target": target} for role, target in arguments]
    return {"id": f"E{start}", "type": kind, "trigger": trigger, "arguments": roles, **attributes}
