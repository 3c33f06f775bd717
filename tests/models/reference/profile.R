# Profile-likelihood intervals of lme4 for the data sets of make_data.py and make_profile_data.py;
# writes profile.json. Run from this folder: Rscript profile.R
# lme4 interpolates its profile by a spline; delta is the step between its points on the scale of
# the root of the deviance, a quarter of its default. devtol lets it pass where its optimiser
# stopped a little short. What lme4 said of a profile is stored with it.
suppressMessages({library(lme4); library(jsonlite)})
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5),
                     check.conv.grad = "ignore", check.conv.singular = "ignore",
                     check.conv.hess = "ignore", check.scaleX = "ignore")
models <- list(
  correlated = "y ~ time * x + (1 + time | id)",
  uncorrelated = "y ~ time * x + (1 | id) + (0 + time | id)",
  intercept = "y ~ time * x + (1 | id)")
curved <- list(
  correlated = "y ~ (time + time2) * x + (1 + time + time2 | id)",
  uncorrelated = "y ~ (time + time2) * x + (1 | id) + (0 + time | id) + (0 + time2 | id)")
files <- c(sort(list.files("data", pattern = "^(balanced|boundary|dropout|small|sparse).csv$",
                           full.names = TRUE)), "profile_data/curved.csv")
out <- list()
for (file in files) {
  d <- read.csv(file)
  set <- if (grepl("curved", file)) curved else models
  for (m in names(set)) {
    fit <- lmer(as.formula(set[[m]]), d, REML = FALSE, control = tight)
    said <- character(0)
    ci <- withCallingHandlers(
      tryCatch({
        p <- profile(fit, devtol = 1e-6, delta = 0.125, alphamax = 0.02, maxpts = 300)
        ci <- confint(p)
        rownames(ci) <- c(lme4:::profnames(fit, signames = FALSE), names(fixef(fit)))
        ci
      },
               error = function(e) { said <<- c(said, conditionMessage(e)); NULL }),
      warning = function(w) { said <<- c(said, conditionMessage(w)); invokeRestart("muffleWarning") })
    key <- paste(sub(".csv", "", basename(file)), m, sep = "/")
    out[[key]] <- list(log_likelihood = as.numeric(logLik(fit)), estimate = unname(fixef(fit)),
                       names = if (is.null(ci)) list() else rownames(ci),
                       low = if (is.null(ci)) list() else unname(ci[, 1]),
                       high = if (is.null(ci)) list() else unname(ci[, 2]), said = unique(said))
    cat(key, unique(said), "\n")
  }
}
out$versions <- list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                     date = as.character(Sys.Date()))
write(toJSON(out, digits = 12, auto_unbox = TRUE, na = "null", pretty = TRUE), "profile.json")
