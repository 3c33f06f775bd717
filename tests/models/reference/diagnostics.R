# Residuals and random effects with lme4 on the data sets of make_data.py; writes
# diagnostics.json. Run from this folder: Rscript diagnostics.R
suppressMessages({library(lme4); library(e1071); library(jsonlite)})
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5))
models <- list(
  sparse = list(data = "sparse", f = "y ~ time * (z + age) + (1 + time | id)"),
  intercept = list(data = "balanced", f = "y ~ time * z + (1 | id)"),
  dropout = list(data = "dropout", f = "y ~ time * (z + age + sex + site) + (1 + time | id)")
)
out <- list()
for (name in names(models)) {
  m <- models[[name]]
  d <- read.csv(file.path("data", paste0(m$data, ".csv")))
  x <- d$x[!duplicated(d$id)]
  d$z <- (d$x - mean(x)) / sd(x)
  fit <- lmer(as.formula(m$f), d, control = tight)
  h <- hatvalues(fit)
  e <- residuals(fit)
  s <- e / (sigma(fit) * sqrt(1 - h))
  # Everything that lme4 does not give: the residual operator as one dense matrix.
  X <- getME(fit, "X"); Z <- as.matrix(getME(fit, "Z") %*% getME(fit, "Lambda"))
  Vi <- solve(diag(nrow(X)) + Z %*% t(Z))
  P <- Vi - Vi %*% X %*% solve(t(X) %*% Vi %*% X, t(X) %*% Vi)
  spread <- as.matrix(getME(fit, "Lambda")) %*% t(Z) %*% P %*% Z %*% t(as.matrix(getME(fit, "Lambda")))
  q <- ncol(ranef(fit)$id)
  sd_u <- sigma(fit) * t(matrix(sqrt(diag(spread)), q))
  n <- nrow(d); same <- which(d$id[-1] == d$id[-n])
  expected <- P[cbind(same, same + 1)] / sqrt(diag(P)[same] * diag(P)[same + 1])
  u <- as.matrix(ranef(fit)$id)
  out[[name]] <- list(
    data = m$data, formula = m$f, log_likelihood = as.numeric(logLik(fit)), sigma = sigma(fit),
    residual = if (name == "sparse") unname(e) else sum(e^2),
    leverage = if (name == "sparse") unname(h) else sum(h),
    hat_error = max(abs(1 - diag(P) - h)),
    random = if (name == "sparse") unname(u) else unname(colSums(u^2)),
    random_sd = if (name == "sparse") sd_u else colSums(sd_u),
    skewness = skewness(s, type = 1), kurtosis = kurtosis(s, type = 1),
    beyond = mean(abs(s) > 3), lag = mean(s[same] * s[same + 1]), lag_expected = mean(expected),
    random_skewness = unname(apply(u / sd_u, 2, skewness, type = 1)),
    random_kurtosis = unname(apply(u / sd_u, 2, kurtosis, type = 1)),
    correlation = if (q > 1) attr(VarCorr(fit)$id, "correlation")[1, 2] else NA
  )
}
out$versions <- list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                     e1071 = as.character(packageVersion("e1071")), date = as.character(Sys.Date()))
write(toJSON(out, digits = 9, auto_unbox = TRUE, na = "null"), "diagnostics.json")
