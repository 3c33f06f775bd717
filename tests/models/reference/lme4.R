# Fits the data sets of make_data.py with lme4, lmerTest, pbkrtest, clubSandwich and, without a
# random part, lm and nlme::gls, and writes lme4.json. Run from this folder: Rscript lme4.R
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(clubSandwich)
                  library(nlme); library(numDeriv); library(jsonlite)})
quiet <- function(...) lmerControl(..., check.conv.grad = "ignore", check.conv.hess = "ignore",
                                   check.conv.singular = "ignore", check.scaleX = "ignore")
tight <- quiet(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5))
as_given <- quiet(optimizer = NULL, calc.derivs = FALSE)

slope <- "(1 + time | id)"
adjusted <- "y ~ time * (x + age + sex + site)"
case <- function(data, model, fixed, random, id = "id", joint = c("x", "time:x"))
  list(data = data, model = model, fixed = fixed, random = random, id = id, joint = joint)
cases <- c(
  unlist(lapply(c("balanced", "dropout", "sparse", "boundary", "small"), function(d) list(
    case(d, "plain", "y ~ time * x", slope),
    case(d, "adjusted", adjusted, slope),
    case(d, "intercept", "y ~ time * x", "(1 | id)"),
    case(d, "none", "y ~ time * x + sex", ""))), recursive = FALSE),
  list(
    case("together", "plain", "y ~ time * x", slope),
    case("opposite", "plain", "y ~ time * x", slope),
    case("flat", "plain", "y ~ time * x", slope),
    case("flat", "uncorrelated", "y ~ time * x", "(1 | id) + (0 + time | id)"),
    case("dropout", "uncorrelated", adjusted, "(1 | id) + (0 + time | id)"),
    case("dropout", "factors", "y ~ time * sex * site + x", slope,
         joint = c("time:siteB", "time:siteC")),
    case("uneven", "plain", "y ~ time * (x + sex)", slope),
    case("uneven", "intercept", "y ~ time * (x + sex)", "(1 | id)"),
    case("curved", "three", "y ~ (time + time2) * x + sex", "(1 + time + time2 | id)",
         joint = c("time:x", "time2:x")),
    case("curved", "three_uncorrelated", "y ~ (time + time2) * x + sex",
         "(1 | id) + (0 + time | id) + (0 + time2 | id)", joint = c("time:x", "time2:x")),
    case("years", "days", "y ~ days * (x + sex)", "(1 + days | id)", joint = c("x", "days:x")),
    case("years", "big", "y ~ big * (x + sex)", "(1 + big | id)", joint = c("x", "big:x")),
    case("years", "tiny", "y ~ tiny * (x + sex)", "(1 + tiny | id)", joint = c("x", "tiny:x")),
    case("near", "plain", "y ~ time * x + near", slope, joint = c("x", "near")),
    case("far", "plain", "y ~ time * x + sex", slope),
    case("reframed", "intercept", "phq9 ~ month * grp", "(1 | patient)", "patient",
         c("grpTAU", "month:grpTAU")),
    case("reframed", "slope", "phq9 ~ month * grp", "(1 + month | patient)", "patient",
         c("grpTAU", "month:grpTAU"))))

# A real trial, which stays where it is: only numbers made from it are stored.
read_data <- function(name) {
  if (name == "reframed") read.csv("../../../../shared/data/outcomes/reframed_phq9_assessment.csv")
  else read.csv(file.path("data", paste0(name, ".csv")))
}

# An optimiser that compares deviances cannot see the last digits of theta, on which the sixth
# digit of a standard error depends: Newton steps on the gradient find them, in steps relative to
# the size of theta. A diagonal entry of theta at zero stays there.
polished <- function(formula, reml) {
  first <- lmer(formula, d, REML = reml, control = tight)
  theta <- getME(first, "theta")
  dev <- lmer(formula, d, REML = reml, control = tight, devFunOnly = TRUE)
  free <- !(getME(first, "lower") == 0 & abs(theta) < 1e-4 * max(abs(theta)) * spread(first))
  theta[!free] <- 0
  unit <- pmax(abs(theta[free]), 1e-3 * max(abs(theta)) * spread(first)[free])
  along <- function(x) { full <- theta; full[free] <- x * unit; dev(full) }
  x <- theta[free] / unit
  for (step in 1:4) x <- x - solve(hessian(along, x), grad(along, x))
  theta[free] <- x * unit
  list(first = first, theta = unname(theta))
}
# Size of each entry of theta relative to the largest, had every random term the same variance
# per standard deviation of its column.
spread <- function(fit) {
  rows <- unlist(lapply(fit@cnms, function(terms) {
    at <- which(lower.tri(diag(length(terms)), diag = TRUE), arr.ind = TRUE)
    terms[at[, "row"]]
  }))
  size <- sapply(rows, function(t) if (t == "(Intercept)") 1 else sqrt(mean(d[[t]]^2)))
  min(size) / size
}

joint_tests <- function(fit, wanted, kr) {
  terms <- names(fixef(fit))
  rows <- function(names) diag(length(terms))[match(names, terms), , drop = FALSE]
  lapply(list(wanted = wanted, all = terms[-1]), function(names) {
    s <- contestMD(fit, rows(names))
    out <- list(terms = I(names), F = s$`F value`, num_df = s$NumDF, df = s$DenDF)
    if (kr) {
      k <- tryCatch(KRmodcomp(fit, rows(names))$test["Ftest", ], error = function(e) NULL)
      if (!is.null(k)) out <- c(out, list(kr_F = k$stat, kr_df = k$ddf))
    }
    out
  })
}

out <- list()
for (this in cases) for (reml in c(TRUE, FALSE)) {
  d <- read_data(this$data)
  key <- paste(this$data, this$model, if (reml) "REML" else "ML", sep = "/")
  cat(key, "\n")
  here <- this[c("data", "fixed", "id")]
  if (this$random == "") {
    fit <- lm(as.formula(this$fixed), d)
    s <- summary(fit)$coefficients
    g <- gls(as.formula(this$fixed), d, method = if (reml) "REML" else "ML")
    sigma2 <- if (reml) sigma(fit)^2 else sum(resid(fit)^2) / nrow(d)
    here <- c(here, list(terms = rownames(s), estimate = unname(s[, 1]),
      std_error = unname(s[, 2]) * sqrt(sigma2) / sigma(fit), sigma2 = sigma2,
      log_likelihood = as.numeric(logLik(g))))
  } else {
    formula <- as.formula(paste(this$fixed, "+", this$random))
    best <- polished(formula, reml)
    usual <- suppressWarnings(suppressMessages(lme4::lmer(formula, d, REML = reml)))
    fit <- lmerTest::lmer(formula, d, REML = reml, start = list(theta = best$theta), control = as_given)
    s <- suppressWarnings(summary(fit))$coefficients
    random <- lapply(VarCorr(fit), function(v) matrix(as.numeric(v), ncol(v)))
    here <- c(here, list(random = I(unname(unlist(fit@cnms))), correlated = length(random) == 1,
      covariance = as.matrix(Matrix::bdiag(random)), sigma2 = sigma(fit)^2,
      log_likelihood = as.numeric(logLik(fit)), tight = as.numeric(logLik(best$first)),
      default = as.numeric(logLik(usual)), terms = rownames(s), estimate = unname(s[, 1]),
      std_error = unname(s[, 2]), df = unname(s[, "df"]), joint = joint_tests(fit, this$joint, reml)))
    if (reml) {
      k <- tryCatch(coef(summary(fit, ddf = "Kenward-Roger")), error = function(e) NULL)
      if (!is.null(k)) here$kr <- list(std_error = unname(k[, "Std. Error"]), df = unname(k[, "df"]))
    }
  }
  plain <- if (this$random == "") fit else as(fit, "lmerMod")
  for (type in c("CR0", "CR2")) {
    v <- vcovCR(plain, cluster = d[[this$id]], type = type)
    test <- coef_test(plain, vcov = v, test = "Satterthwaite")
    here[[type]] <- list(std_error = test$SE, df = test$df_Satt)
  }
  out[[key]] <- here
}
packages <- c("lme4", "lmerTest", "pbkrtest", "clubSandwich", "nlme", "numDeriv")
out$versions <- c(list(R = R.version.string, date = as.character(Sys.Date())),
                  sapply(packages, function(p) as.character(packageVersion(p)), simplify = FALSE))
write(toJSON(out, digits = I(15), auto_unbox = TRUE, na = "null", pretty = FALSE), "lme4.json")
