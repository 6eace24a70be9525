"""Figures in the text format of Prometheus: how fast the desk answers, and how the reader's clients stand.

The first are of its processes and name routes by their templates alone. The others are asked for anew each time, as
far as the reader may see; their names and labels are a promise to whoever has alerts on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from prometheus_client import CollectorRegistry, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from schema_matching_pipeline.entrances.api.shared_figures import are_shared
from schema_matching_pipeline.model.metrics import Metrics

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_NO_ROUTE = "none"


class Answers:
    """How long this process took for its answers, and how many requests it is at."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._seconds = Histogram(
            "smp_request_seconds",
            "How long answers took, by the template of the route.",
            ("method", "route", "status"),
            registry=self.registry,
            buckets=_BUCKETS,
        )
        self.at_work = Gauge(
            "smp_requests_at_work",
            "Requests being answered now.",
            registry=self.registry,
            multiprocess_mode="livesum",
        )

    @property
    def text(self) -> bytes:
        """The figures, of all processes that serve where there are several."""
        if not are_shared():
            return generate_latest(self.registry)
        together = CollectorRegistry()
        MultiProcessCollector(together)  # type: ignore[no-untyped-call]  # untyped in the library
        return generate_latest(together)

    def note(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """Counts an answer; what fits no route counts together, or anybody could make names without end."""
        self._seconds.labels(method if route else _NO_ROUTE, route or _NO_ROUTE, str(status)).observe(seconds)


def exposed(answers: Answers, figures: Metrics) -> bytes:
    """The figures of the process and those of the reader's clients."""
    registry = CollectorRegistry()
    registry.register(_Figures(figures))
    return answers.text + generate_latest(registry)


class _Figures(Collector):
    def __init__(self, figures: Metrics) -> None:
        self._figures = figures

    def collect(self) -> Iterator[Metric]:
        """Every family, also those without a figure."""
        yield from self._waiting()
        yield from self._runs()
        yield from self._models()
        yield from self._checks()
        yield from self._decisions()

    def _waiting(self) -> Iterator[Metric]:
        labels, figures = ("client", "kind"), self._figures.waiting
        items = GaugeMetricFamily("smp_review_items_waiting", "Items that wait for people.", labels=labels)
        oldest = GaugeMetricFamily(
            "smp_review_oldest_seconds", "For how long the oldest of them waits.", labels=labels
        )
        yield _filled(items, (((each.client, each.kind), each.items) for each in figures))
        yield _filled(oldest, (((each.client, each.kind), each.oldest_seconds) for each in figures))

    def _runs(self) -> Iterator[Metric]:
        runs = GaugeMetricFamily(
            "smp_pipeline_runs",
            "Runs of the pipeline, by the phase they entered last and their state.",
            labels=("client", "phase", "state"),
        )
        yield _filled(
            runs,
            (((each.client, each.phase or _NO_ROUTE, each.state), each.runs) for each in self._figures.runs),
        )

    def _models(self) -> Iterator[Metric]:
        calls = CounterMetricFamily(
            "smp_llm_calls", "Questions to language models.", labels=("client", "outcome")
        )
        tokens = CounterMetricFamily("smp_llm_tokens", "Tokens they took.", labels=("client", "direction"))
        cost = CounterMetricFamily(
            "smp_llm_cost",
            "What they cost, where prices are known, in the prices' currency.",
            labels=("client",),
        )
        for client in dict.fromkeys(figure.client for figure in self._figures.models):
            of_client = [figure for figure in self._figures.models if figure.client == client]
            for figure in of_client:
                calls.add_metric((client, figure.outcome), figure.calls)
            tokens.add_metric((client, "prompt"), sum(figure.prompt_tokens for figure in of_client))
            tokens.add_metric((client, "completion"), sum(figure.completion_tokens for figure in of_client))
            cost.add_metric((client,), sum(figure.cost for figure in of_client))
        yield from (calls, tokens, cost)

    def _checks(self) -> Iterator[Metric]:
        labels, figures = ("client", "severity"), self._figures.checks
        failures = CounterMetricFamily("smp_check_failures", "How often checks failed.", labels=labels)
        failing = GaugeMetricFamily(
            "smp_checks_failing", "Checks that failed when they last ran.", labels=labels
        )
        yield _filled(failures, (((each.client, each.severity), each.failures) for each in figures))
        yield _filled(failing, (((each.client, each.severity), each.failing) for each in figures))

    def _decisions(self) -> Iterator[Metric]:
        decisions = CounterMetricFamily(
            "smp_decisions", "Decisions that people made, or took back.", labels=("client", "decision")
        )
        yield _filled(
            decisions,
            (((each.client, each.decision), each.decisions) for each in self._figures.decisions),
        )


_Family = TypeVar("_Family", CounterMetricFamily, GaugeMetricFamily)


def _filled(family: _Family, samples: Iterable[tuple[tuple[str, ...], float]]) -> _Family:
    """The family with its samples, each under the values of its labels."""
    for labels, value in samples:
        family.add_metric(labels, value)
    return family
