# Fits the drop-out data with every coding of time and writes time_codings.json.
# Run from this folder: Rscript time_codings.R
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(splines); library(jsonlite)})
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5),
                     check.conv.grad = "ignore", check.conv.singular = "ignore",
                     check.conv.hess = "ignore", check.scaleX = "ignore")
d <- read.csv("data/dropout.csv")
d$male <- as.numeric(d$sex == "male")
d$straight <- d$time
# The natural spline in the columns of Hastie, Tibshirani & Friedman (2009), eq. 5.4, for the
# joint tests: their degrees of freedom are those of the columns, not of the space they span.
bends <- function(t, df) {
  k <- quantile(d$time, seq(0, 1, length.out = df + 1), names = FALSE); last <- k[length(k)]
  cube <- function(j) (pmax(t - k[j], 0)^3 - pmax(t - last, 0)^3) / ((last - k[j]) * (last - k[1]))
  b <- sapply(seq_len(df - 1), function(j) cube(j) - cube(df))
  colnames(b) <- paste0("b", seq_len(df - 1)); b
}
d$from0 <- relevel(factor(d$time), "0")
b3 <- bends(d$time, 3); b4 <- bends(d$time, 4)
own <- list(spline = "(time + b3)", spline4 = "(time + b4)", categorical = "from0")
models <- list(
  linear = list(time = "time", random = "(1 + time | id)"),
  log = list(time = "log(time + 1)", random = "(1 + log(time + 1) | id)", first = 0),
  piecewise = list(time = "(time + pmax(time - 5, 0))", random = "(1 + time | id)"),
  second = list(time = "(time + pmax(time - 5, 0))", random = "(1 + time + pmax(time - 5, 0) | id)"),
  uncorrelated = list(time = "(time + pmax(time - 5, 0))", random = "(1 + time || id)"),
  spline = list(time = "ns(time, df = 3)", random = "(1 + straight | id)"),
  spline4 = list(time = "ns(time, df = 4)", random = "(1 + straight | id)"),
  categorical = list(time = "factor(time)", random = "(1 + straight | id)")
)
out <- list()
for (m in names(models)) {
  s <- models[[m]]
  use <- if (is.null(s$first)) d else d[d$time >= s$first, ]
  f <- as.formula(paste("y ~", s$time, "* (x + age + male) +", s$random))
  fit <- lmerTest::lmer(f, use, REML = TRUE, control = tight)
  ml <- lme4::lmer(f, use, REML = FALSE, control = tight)
  first <- use[!duplicated(use$id), ]
  mx <- mean(first$x); sx <- sd(first$x)
  fixed <- delete.response(terms(fit, fixed.only = TRUE))
  # Rows of the design at weeks and values of x, an average person otherwise. predvars keep the
  # knots of ns at those of the data; the factor keeps its levels.
  rows <- function(weeks, x) {
    new <- data.frame(time = weeks, x = x, age = mean(first$age), male = mean(first$male))
    at <- attr(terms(model.frame(fit)), "predvars.fixed")
    if (!is.null(at)) attr(fixed, "predvars") <- at[-2]
    xlev <- if (m == "categorical") list("factor(time)" = as.character(sort(unique(use$time))))
    mf <- model.frame(fixed, new, xlev = xlev)
    model.matrix(fixed, mf)
  }
  ends <- c(max(0, min(use$time)), max(use$time))  # change is told from the start of treatment
  weeks <- sort(unique(use$time))[c(1, 4, 8, 11, length(unique(use$time)))]
  one <- function(L, ddf = "Satterthwaite") {
    k <- contest(fit, L, joint = FALSE, ddf = ddf)
    list(estimate = k$Estimate, std_error = k$`Std. Error`, df = k$df, p = k$`Pr(>|t|)`)
  }
  step <- function(w) rows(w, 1) - rows(w, 0)
  change <- step(ends[2]) - step(ends[1])
  # Every score x time column zero: the effect of the score is the same at all weeks.
  again <- fit
  if (m %in% names(own)) {
    f <- as.formula(paste("y ~", own[[m]], "* (x + age + male) +", s$random))
    again <- lmerTest::lmer(f, use, REML = TRUE, control = tight)
  }
  joint <- diag(length(fixef(again)))[grep(":x$", names(fixef(again))), , drop = FALSE]
  F1 <- contest(again, joint); F2 <- contest(again, joint, ddf = "Kenward-Roger")
  out[[m]] <- list(
    log_likelihood = as.numeric(logLik(again)), log_likelihood_ml = as.numeric(logLik(ml)),
    sigma2 = sigma(fit)^2, weeks = weeks, n = nrow(use),
    difference = one(step(weeks) * sx),
    lines = lapply(c(-1, 0, 1), function(z) one(rows(weeks, mx + z * sx))),
    change = one(change), change_kr = one(change, "Kenward-Roger"),
    mean_change = as.numeric((rows(12, mx) - rows(0, mx)) %*% fixef(fit)),
    joint = list(F = F1$`F value`, df = F1$DenDF, p = F1$`Pr(>F)`),
    joint_kr = list(F = F2$`F value`, df = F2$DenDF, p = F2$`Pr(>F)`)
  )
}
grid <- seq(-2, 12, by = 0.5)
out$basis <- lapply(c(2, 3, 4, 5), function(k) {
  b <- ns(d$time, df = k)
  list(df = k, inner = as.numeric(attr(b, "knots")), outer = attr(b, "Boundary.knots"),
       weeks = grid, values = predict(b, grid))
})
out$versions <- list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                     lmerTest = as.character(packageVersion("lmerTest")),
                     pbkrtest = as.character(packageVersion("pbkrtest")))
write(toJSON(out, digits = 12, auto_unbox = TRUE, na = "null", pretty = TRUE), "time_codings.json")
