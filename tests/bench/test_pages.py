"""What the page about the times of pages says; how long they take is no test's business."""

from __future__ import annotations

from tests.bench.pages import MOST_BYTES, PageFigures, SizeFigures, report

QUICK = PageFigures("quick", "/quick", 5_000, 2_000, 80.0, [45.0], [29.0, 31.0, 12.0])
SLOW = PageFigures("slow", "/slow", 5_000, 2_000, 20.0, [20.0], [31.0])
HEAVY = PageFigures("heavy", "/heavy", MOST_BYTES + 1, 9_000, 20.0, [20.0], [20.0])
BOTH = PageFigures("both", "/both", MOST_BYTES + 1, 9_000, 20.0, [20.0], [120.0])


def test_a_page_is_over_its_budget_by_the_median_of_its_times_or_by_its_weight() -> None:
    small = SizeFigures(0, [QUICK, SLOW, HEAVY, BOTH])
    large = SizeFigures(1_000_000, [QUICK, SLOW, HEAVY, BOTH])

    assert [page.name for page in small.over()] == ["both", "slow", "heavy"]
    assert [page.name for page in large.over()] == ["both", "heavy"]


def test_the_report_tells_every_page_the_slowest_first_and_why_it_is_over() -> None:
    lines = report([SizeFigures(0, [QUICK, SLOW, HEAVY, BOTH])]).splitlines()
    rows = [line for line in lines if line.startswith("| `/")]

    assert "4 pages; 3 of them over 30 ms or 100,000 bytes." in lines
    assert [row.split("`")[1] for row in rows] == ["/both", "/slow", "/quick", "/heavy"]
    assert rows[0] == "| `/both` | 120 | 20 | 20 | 100,001 | 9,000 | time, weight |"
    assert rows[2] == "| `/quick` | 29 | 45 | 80 | 5,000 | 2,000 |  |"
