# Effect sizes with performance, emmeans and lmerTest on the data sets of make_data.py; writes
# effects.json. Run from this folder: Rscript effects.R
suppressMessages({library(lme4); library(lmerTest); library(performance); library(emmeans)
                  library(jsonlite)})
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5),
                     check.conv.grad = "ignore", check.conv.singular = "ignore",
                     check.conv.hess = "ignore", check.scaleX = "ignore")
emm_options(lmer.df = "satterthwaite", lmerTest.limit = 1e5)
all_covariates <- "z + age + sex + site"
models <- list(
  linear = list(data = "dropout", time = "t", with = all_covariates, random = "(1 + t | id)"),
  small = list(data = "small", time = "t", with = "z", random = "(1 + t | id)"),
  ml = list(data = "sparse", time = "t", with = "z + age", random = "(1 + t | id)", reml = FALSE),
  intercept = list(data = "sparse", time = "t", with = "z", random = "(1 | id)"),
  uncorrelated = list(data = "balanced", time = "t", with = "z", random = "(1 + t || id)"),
  end = list(data = "dropout", time = "t", with = "z", random = "(1 + t | id)", origin = 12),
  log = list(data = "dropout", time = "lt", with = "z + sex", random = "(1 + lt | id)", from = 0),
  piecewise = list(data = "dropout", time = "(t + after)", with = "z + age",
                   random = "(1 + t | id)"),
  second = list(data = "dropout", time = "(t + after)", with = "z",
                random = "(1 + t + after | id)"),
  categorical = list(data = "balanced", time = "week", with = "z", random = "(1 + t | id)")
)
coded <- function(d, origin) {  # columns of time from the week, zero at the origin
  d$t <- d$time - origin
  d$after <- pmax(d$time - 4, 0) - max(origin - 4, 0)
  d$lt <- if (min(d$time) > -1) log1p(d$time) - log1p(origin) else NA
  d$week <- factor(d$time, levels = weeks)
  d
}
shares <- function(fit) {
  # From first principles: variance of X b, mean diagonal of Z Tau Z'.
  fixed <- var(as.vector(getME(fit, "X") %*% fixef(fit)))
  z <- getME(fit, "Z") %*% getME(fit, "Lambda") * sigma(fit)
  random <- sum(z^2) / nrow(getME(fit, "X"))
  total <- fixed + random + sigma(fit)^2
  v <- VarCorr(fit)
  variance <- if (length(v) == 1) diag(v[[1]]) else sapply(v, function(m) m[1, 1])
  c(fixed / total, (fixed + random) / total, unname(variance))
}
out <- list()
for (name in names(models)) {
  m <- models[[name]]
  d <- read.csv(file.path("data", paste0(m$data, ".csv")))
  if (!is.null(m$from)) d <- d[d$time >= m$from, ]
  x <- d$x[!duplicated(d$id)]
  d$z <- (d$x - mean(x)) / sd(x)
  origin <- if (is.null(m$origin)) 0 else m$origin
  weeks <- sort(unique(d$time)); last <- max(weeks)
  first <- max(min(weeks), 0)  # change is told from the start of treatment
  d <- coded(d, origin)
  reml <- is.null(m$reml)
  without <- sub("z \\+ |^z$", "", m$with)
  f <- sprintf("y ~ %s * (%s) + %s", m$time, m$with, m$random)
  f0 <- sprintf("y ~ %s + %s", if (without == "") m$time else
                sprintf("%s * (%s)", m$time, without), m$random)
  fit <- lmerTest::lmer(as.formula(f), d, REML = reml, control = tight)
  base <- lmerTest::lmer(as.formula(f0), d, REML = reml, control = tight)
  # One row of coefficients: the mean over people of the row at a week and a score.
  people <- d[!duplicated(d$id), ]
  at <- function(week, z) {
    new <- people; new$time <- week; new$z <- z
    colMeans(model.matrix(as.formula(sub("\\+ \\(1.*", "", f)), within(coded(new, origin), y <- 0)))
  }
  post <- at(last, 1) - at(last, 0)
  change <- post - (at(first, 1) - at(first, 0))
  average <- at(last, 0) - at(first, 0)
  test <- function(l) {
    r <- contest1D(fit, l, confint = TRUE)
    c(r$Estimate, r$`Std. Error`, r$df, r$lower, r$upper)
  }
  ratio <- sum(change * fixef(fit)) / sum(average * fixef(fit))
  q <- qt(0.975, contest1D(fit, change - ratio * average)$df)
  excess <- function(r) {
    l <- change - r * average
    sum(l * fixef(fit))^2 / as.numeric(l %*% vcov(fit) %*% l) - q^2
  }
  reach <- 20 * abs(ratio) + 20
  limits <- if (test(average)[4] * test(average)[5] > 0)
    c(uniroot(excess, c(ratio - reach, ratio), tol = 1e-12)$root,
      uniroot(excess, c(ratio, ratio + reach), tol = 1e-12)$root) else c(NA, NA)
  # performance leaves out the slope where terms are uncorrelated, and gives up where a slope is no
  # fixed effect (categorical time) or the fit is singular.
  nakagawa <- if (name %in% c("categorical", "uncorrelated", "second")) NA else
    as.numeric(unlist(r2_nakagawa(fit, tolerance = 1e-14))[c(2, 1)])
  em <- NA
  if (m$time %in% c("t", "lt") && name != "ml") {
    # emmeans knows the points at post by its own grid; the score x time term is all it needs.
    place <- list(z = c(0, 1)); place[[m$time]] <- coded(data.frame(time = last), origin)[[m$time]]
    em <- suppressMessages(emmeans(fit, ~ z, at = place))
    em <- summary(contrast(em, "revpairwise"), infer = TRUE)
    em <- c(em$estimate, em$SE, em$df, em$lower.CL, em$upper.CL)
  }
  v0 <- shares(base); v <- shares(fit)
  # Baseline: the last visit at or before week 0.
  early <- d[d$time <= 0, ]
  early <- early[order(early$id, early$time), ]
  out[[name]] <- list(
    data = m$data, formula = f, first = first, last = last,
    log_likelihood = as.numeric(logLik(fit)), log_likelihood_base = as.numeric(logLik(base)),
    nakagawa = nakagawa, r2 = v[1:2], r2_base = v0[1:2],
    variance = v[-(1:2)], variance_base = v0[-(1:2)],
    post = test(post), change = test(change), average = test(average), main = test(at(origin, 1) - at(origin, 0)),
    emmeans_post = em, ratio = c(ratio, limits),
    baseline_sd = sd(early$y[!duplicated(early$id, fromLast = TRUE)])
  )
}
out$versions <- list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                     lmerTest = as.character(packageVersion("lmerTest")),
                     performance = as.character(packageVersion("performance")),
                     insight = as.character(packageVersion("insight")),
                     emmeans = as.character(packageVersion("emmeans")), date = as.character(Sys.Date()))
write(toJSON(out, digits = 12, auto_unbox = TRUE, na = "null", pretty = TRUE), "effects.json")
