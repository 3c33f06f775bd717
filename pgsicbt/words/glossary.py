"""What the terms in tables and figures mean, shown on hover and below them."""

from __future__ import annotations

GLOSSARY: dict[str, str] = {
    "polygenic score": "A sum of many common genetic variants of a person, each weighted by its "
    "association with a trait in other studies.",
    "estimate": "The model's best value: the difference in points that goes with one step of "
    "the score, other things in the model being equal.",
    "standard deviation": "The usual distance between a person and the average; about two "
    "thirds of people lie within one of it.",
    "standard error": "How far the estimate would typically be off in cohorts of this size.",
    "interval": "The values that the data are compatible with. Over many studies, 95 of 100 "
    "such 95 % intervals hold the true value.",
    "degrees of freedom": "How much information the standard error itself rests on; the more, the "
    "closer t is to the normal distribution. Found by Satterthwaite's method unless another is "
    "named with the model.",
    "Kenward-Roger": "Degrees of freedom and standard errors that allow for the variances having "
    "been estimated; matters in small cohorts.",
    "robust standard errors": "Standard errors that hold even where the model describes the "
    "spread of the data wrongly; each person counts as one cluster of measurements. CR2 "
    "corrects them for the size of the cohort, CR0 does not.",
    "t": "The estimate divided by its standard error.",
    "p": "How often data at least as far from zero as these would come up if there were no "
    "association at all.",
    "p after correction": "The p value after allowing for the number of scores tested in the "
    "same family: all scores for one term of one model.",
    "Holm": "A correction that keeps the chance of any false claim in the family below 5 %; "
    "never weaker than Bonferroni.",
    "Bonferroni": "Every p value times the number of tests in the family.",
    "Benjamini-Hochberg": "A correction that keeps the expected share of false claims among "
    "all claims below 5 %.",
    "severity at the start": "The main effect of the score: a difference at one moment, not a "
    "change. That moment is week zero unless half-way or the last week is chosen.",
    "change per week": "The score x time term: how much more or less symptoms move each week "
    "for people with a higher score.",
    "change over all weeks": "Where time is no straight line: how much more or less symptoms move "
    "from the start of treatment to the last week analysed for people with a higher score.",
    "joint test": "Whether the course differs with the score anywhere on the way, in all columns "
    "of time together; F is large where it does. It has no direction.",
    "course over the weeks": "The form that change is given: a straight line, a line that levels "
    "off, two lines that meet, a curve, or every week by itself.",
    "knot": "A week at which a line may bend, or at which pieces of a curve meet.",
    "curve (spline)": "A smooth line through the weeks made of pieces that meet at knots; its "
    "columns mean something only together.",
    "crude": "The model with score, time and their product only.",
    "adjusted": "Crude, with the chosen covariates and each of them times time, and the chosen "
    "principal components.",
    "complete": "Adjusted, with every principal component times time as well.",
    "covariate": "Something else about people that the model allows for, such as age.",
    "principal component": "A summary of genetic ancestry; allowed for because score and "
    "symptoms may both differ with ancestry.",
    "random intercept and slope": "Each person's own level and own change, which the model "
    "lets differ between people.",
    "simplified random part": "Where the data cannot tell how people differ in all that was "
    "asked for, less is fitted, for all scores alike, and the notes say so.",
    "REML": "Restricted maximum likelihood: the usual way to estimate how much people differ.",
    "singular": "The model found that people do not differ in their change (or level), or that "
    "the two go together exactly. Estimates hold, but the model is simpler than was asked for.",
    "harmonised score": "Percent of the maximum possible: each instrument's total placed "
    "between its lowest (0) and highest (100) possible value.",
    "model": "Which other things the estimate allows for: crude, adjusted or complete.",
    "term": "One piece of the model, with its own estimate.",
    "people": "How many people the model rests on.",
    "observations": "How many measurements of these people the model rests on.",
    "points": "Points of the outcome's own scale, or of the 0-100 scale where harmonised.",
    "smallest effect of interest": "The smallest difference that would matter, stated by whoever "
    "analyses. Unless another is given, a tenth of the average improvement.",
    "meaningful": "A verdict: the effect is larger than the smallest effect of interest, by a "
    "test at the 5 % level, and differs from none.",
    "excluded": "A verdict of an equivalence test: an effect as large as the smallest of interest "
    "does not fit the data.",
    "inconclusive": "A verdict: the data fit both an effect that matters and one that does not.",
    "odds ratio": "How many times larger the odds of an outcome such as remission are, per "
    "standard deviation of the score. 1 is no difference.",
    "hazard ratio": "How many times more often, at any moment, people leave treatment, per "
    "standard deviation of the score. 1 is no difference.",
    "MMRM": "A mixed model for repeated measures: every visit has its own mean, and the visits of "
    "a person go together in a way that is estimated freely.",
    "cLDA": "Constrained longitudinal analysis: as MMRM, with the same mean before treatment for "
    "everybody, whatever their score.",
    "ANCOVA": "The value after treatment, compared between people with the same value before it.",
    "change score": "The value after treatment less the value before it.",
    "GEE": "Generalised estimating equations: an average course, with errors that hold "
    "whatever way the visits of a person go together.",
    "Tobit": "A model for scales on which many people reach the lowest value: it estimates what "
    "lies below the floor.",
    "response": "An outcome that has improved by a stated share, often half.",
    "remission": "An outcome below the value that the instrument's source calls well, in people "
    "who were not there before treatment.",
    "reliable change": "A change larger than the instrument's error of measurement explains in "
    "95 of 100 people who do not change.",
    "max-T": "A correction by shuffling the scores among people: it allows for the scores going "
    "together, and so takes less from them than Bonferroni.",
    "effective number of tests": "How many independent tests a family of correlated scores "
    "amounts to (Li & Ji, Galwey).",
    "negative control": "A score that cannot matter, such as one dealt out at random. If it seems "
    "to, the analysis finds too much.",
    "confirmatory": "The analysis was declared before anybody had looked at its result.",
    "exploratory": "The analysis was not declared before its result was seen; its p values "
    "describe and do not confirm.",
    "incremental R²": "How much more of the differences between people the model explains with "
    "the score than without it.",
    "cross-validated": "Measured in people whose data the model was not fitted on.",
    "AUC": "How often a person with the outcome is ranked above one without it: 0.5 is chance, 1 "
    "is perfect.",
    "calibration": "Whether outcomes come up as often as predicted. A slope of 1 and an "
    "intercept of 0 are right.",
    "symptom burden": "The area under a course of symptoms over the weeks, as the mean level.",
    "Johnson-Neyman": "From which value of one score or covariate on the effect of another "
    "differs clearly from zero.",
    "specification curve": "The effect in every analysis that could be defended, from the "
    "smallest to the largest.",
    "multiple imputation": "Missed visits filled in several times with values that could have "
    "been, so that the uncertainty about them counts.",
    "tipping point": "How much worse missed visits would have to be than they seem for the result "
    "to change.",
    "smallest detectable effect": "The true effect that a cohort like this finds in 80 of 100 "
    "studies.",
    "power": "How often a study finds an effect of a stated size.",
    "I²": "The share of the differences between cohorts that is more than chance.",
    "tau²": "The variance of the true effects of cohorts.",
    "prediction interval": "Where the true effect of a further cohort would lie, in 95 of 100.",
}
"""Term to one plain definition."""

_ALSO = {
    "score": "polygenic score",
    "scores": "polygenic score",
    "sd": "standard deviation",
    "se": "standard error",
    "df": "degrees of freedom",
    "confidence interval": "interval",
    "95 % interval": "interval",
    "p value": "p",
    "adjusted p": "p after correction",
    "corrected p": "p after correction",
    "bh": "Benjamini-Hochberg",
    "main effect": "severity at the start",
    "severity": "severity at the start",
    "change": "change per week",
    "severity half-way": "severity at the start",
    "severity at the end": "severity at the start",
    "any difference in course": "joint test",
    "f": "joint test",
    "spline": "curve (spline)",
    "cr2": "robust standard errors",
    "cr0": "robust standard errors",
    "score x time": "change per week",
    "points on the 0-100 scale": "points",
    "harmonised": "harmonised score",
    "verdict": "smallest effect of interest",
    "adds": "incremental R²",
    "excluded by equivalence": "excluded",
    "auc (interval)": "AUC",
    "adds (interval)": "incremental R²",
    "i2": "I²",
    "tau2": "tau²",
    "burden": "symptom burden",
    "power of 80 %": "power",
}


def define(term: str) -> str:
    """The definition of a term, or nothing if it has none; case does not matter."""
    wanted = term.casefold().replace("×", "x")
    wanted = _ALSO.get(wanted, wanted).casefold()
    for name, text in GLOSSARY.items():
        if name.casefold() == wanted:
            return text
    return ""
