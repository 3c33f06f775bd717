"""The course over the weeks: model lines, observed means, differences."""
