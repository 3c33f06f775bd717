# Log-likelihoods of nested random parts from nlme and lme4; writes random_tests.json.
# Run from this folder: Rscript random_tests.R
# The fixed part is that of the data set throughout, so REML likelihoods may be compared.
suppressMessages({library(lme4); library(nlme); library(jsonlite)})
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5),
                     check.conv.grad = "ignore", check.conv.singular = "ignore",
                     check.conv.hess = "ignore", check.scaleX = "ignore")
one <- "y ~ time * x"; two <- "y ~ (time + time2) * x"
parts <- list(
  none = "", intercept = "(1 | id)",
  uncorrelated = "(1 | id) + (0 + time | id)", slope = "(1 + time | id)",
  uncorrelated3 = "(1 | id) + (0 + time | id) + (0 + time2 | id)",
  second = "(1 + time + time2 | id)")
out <- list()
for (file in c("data/balanced.csv", "data/boundary.csv", "data/dropout.csv", "data/small.csv",
               "profile_data/curved.csv")) {
  d <- read.csv(file)
  curved <- grepl("curved", file)
  fixed <- if (curved) two else one
  for (reml in c(TRUE, FALSE)) {
    ll <- list()
    for (part in names(parts)) if (curved || !(part %in% c("second", "uncorrelated3"))) {
      ll[[part]] <- if (part == "none") as.numeric(logLik(lm(as.formula(fixed), d), REML = reml))
        else as.numeric(logLik(lmer(as.formula(paste(fixed, "+", parts[[part]])), d, REML = reml,
                                    control = tight)))
    }
    # nlme, another optimiser and another program, where it converges.
    other <- tryCatch(as.numeric(logLik(lme(as.formula(fixed), d, random = ~ 1 + time | id,
                                            method = if (reml) "REML" else "ML",
                                            control = lmeControl(msMaxIter = 500)))),
                      error = function(e) NA)
    out[[paste(sub(".csv", "", basename(file)), if (reml) "REML" else "ML", sep = "/")]] <-
      list(lme4 = ll, nlme_slope = other)
  }
}
out$versions <- list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                     nlme = as.character(packageVersion("nlme")), date = as.character(Sys.Date()))
write(toJSON(out, digits = 14, auto_unbox = TRUE, na = "null", pretty = TRUE), "random_tests.json")
