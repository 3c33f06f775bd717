"""The reports: self-contained HTML files that read well on paper."""

from pgsicbt.report.analysis import course_figure, html_report, leading_score

__all__ = ["course_figure", "html_report", "leading_score"]
