# Fits the data sets of make_data.py with lme4, lmerTest and pbkrtest and writes lme4.json.
# Run from this folder: Rscript lme4.R
suppressMessages({library(lme4); library(lmerTest); library(pbkrtest); library(jsonlite)})
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5),
                     check.conv.grad = "ignore", check.conv.singular = "ignore",
                     check.conv.hess = "ignore", check.scaleX = "ignore")
models <- list(
  plain = list(fixed = "y ~ time * x", random = "(1 + time | id)"),
  adjusted = list(fixed = "y ~ time * (x + age + sex + site)", random = "(1 + time | id)"),
  intercept = list(fixed = "y ~ time * x", random = "(1 | id)"),
  none = list(fixed = "y ~ time * x + sex", random = "")
)
out <- list()
for (file in sort(list.files("data", pattern = "csv$"))) {
  d <- read.csv(file.path("data", file))
  for (m in names(models)) for (reml in c(TRUE, FALSE)) {
    f <- models[[m]]
    if (f$random == "") {
      fit <- lm(as.formula(f$fixed), d)
      s <- summary(fit)$coefficients
      ll <- logLik(fit, REML = reml)
      v <- matrix(0, 0, 0); sigma2 <- if (reml) sigma(fit)^2 else sum(resid(fit)^2) / nrow(d)
      if (!reml) s[, 2] <- s[, 2] * sqrt(sigma2) / sigma(fit)
      df <- rep(NA, nrow(s))
    } else {
      fit <- lmerTest::lmer(as.formula(paste(f$fixed, "+", f$random)), d, REML = reml, control = tight)
      s <- summary(fit)$coefficients
      ll <- logLik(fit)
      v <- matrix(as.numeric(VarCorr(fit)$id), ncol(VarCorr(fit)$id)); sigma2 <- sigma(fit)^2
      df <- s[, "df"]
    }
    kr <- list()
    if (f$random != "" && reml) {
      k <- coef(summary(fit, ddf = "Kenward-Roger"))
      # Joint test of the score and its change, where the model has both.
      rows <- matrix(0, 2, nrow(k)); rows[1, which(rownames(k) == "x")] <- 1
      rows[2, which(rownames(k) == "time:x")] <- 1
      joint <- KRmodcomp(fit, rows)$test["Ftest", ]
      kr <- list(std_error = unname(k[, "Std. Error"]), df = unname(k[, "df"]),
                 joint_F = joint$stat, joint_df = joint$ddf)
    }
    key <- paste(sub(".csv", "", file), m, if (reml) "REML" else "ML", sep = "/")
    out[[key]] <- list(log_likelihood = as.numeric(ll), terms = rownames(s), estimate = unname(s[, 1]),
                       std_error = unname(s[, 2]), df = unname(df), sigma2 = sigma2, random = v, kr = kr)
  }
}
out$versions <- list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                     lmerTest = as.character(packageVersion("lmerTest")),
                     pbkrtest = as.character(packageVersion("pbkrtest")), date = as.character(Sys.Date()))
write(toJSON(out, digits = 12, auto_unbox = TRUE, na = "null", pretty = TRUE), "lme4.json")
