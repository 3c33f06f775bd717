# Fits the data sets of make_mmrm_data.py with nlme::gls and writes mmrm.json.
# Run from this folder: Rscript mmrm.R
# The optimiser of gls stops at about six digits of its parameters; a Newton step on its own
# likelihood, with numerical derivatives, carries them further. Both log-likelihoods are stored.
suppressMessages({library(nlme); library(numDeriv); library(jsonlite)})
tight <- glsControl(maxIter = 500, msMaxIter = 2000, tolerance = 1e-14, msTol = 1e-16,
                    opt = "nlminb", returnObject = TRUE)
at <- ~ position | id
# A Toeplitz correlation of M visits is that of an autoregression of order M - 1.
correlation <- function(kind, m, value = NULL) {
  fixed <- !is.null(value)
  switch(kind,
    unstructured = if (fixed) corSymm(value, form = at, fixed = TRUE) else corSymm(form = at),
    ar1 = if (fixed) corAR1(value, form = at, fixed = TRUE) else corAR1(form = at),
    compound_symmetry =
      if (fixed) corCompSymm(value, form = ~ 1 | id, fixed = TRUE) else corCompSymm(form = ~ 1 | id),
    toeplitz = if (fixed) corARMA(value, form = at, p = m - 1, q = 0, fixed = TRUE)
               else corARMA(form = at, p = m - 1, q = 0))
}
fit_at <- function(d, kind, m, method, cor, ratio = NULL) {
  weights <- if (!is.null(ratio)) varIdent(form = ~ 1 | visit, fixed = exp(ratio))
  gls(y ~ visit * x + sex, d, correlation = correlation(kind, m, cor), weights = weights,
      method = method)
}
out <- list()
for (file in sort(list.files("mmrm_data", pattern = "csv$"))) {
  d <- read.csv(file.path("mmrm_data", file))
  d$position <- d$visit + 1L
  d$visit <- factor(d$visit)
  d <- d[order(d$id, d$position), ]
  m <- nlevels(d$visit)
  for (s in c("unstructured", "ar1", "heterogeneous_ar1", "compound_symmetry",
              "heterogeneous_compound_symmetry", "toeplitz", "heterogeneous_toeplitz"))
    for (method in c("REML", "ML")) {
      kind <- sub("heterogeneous_", "", s)
      free <- kind != s || s == "unstructured"
      first <- gls(y ~ visit * x + sex, d, correlation = correlation(kind, m),
                   weights = if (free) varIdent(form = ~ 1 | visit), method = method,
                   control = tight)
      cor <- coef(first$modelStruct$corStruct, unconstrained = FALSE)
      ratio <- if (free) log(coef(first$modelStruct$varStruct, unconstrained = FALSE))
      q <- length(cor)
      refit <- function(p) {
        r <- if (free) setNames(p[-seq_len(q)], names(ratio))
        fit_at(d, kind, m, method, unname(p[seq_len(q)]), r)
      }
      loss <- function(p) -as.numeric(logLik(refit(p)))
      p <- unname(c(cor, ratio))
      h <- hessian(loss, p)
      for (i in 1:2) p <- p - solve(h, grad(loss, p))
      fit <- refit(p)
      # gls multiplies the ML covariance by N / (N - p); undone, as (X'V^-1X)^-1 is compared.
      v <- vcov(fit)
      if (method == "ML") v <- v * (fit$dims$N - fit$dims$p) / fit$dims$N
      out[[paste(sub(".csv", "", file), s, method, sep = "/")]] <- list(
        log_likelihood = as.numeric(logLik(fit)), gls_stopped_at = as.numeric(logLik(first)),
        terms = names(coef(fit)), estimate = unname(coef(fit)),
        std_error = unname(sqrt(diag(v))))
    }
}
out$versions <- list(R = R.version.string, nlme = as.character(packageVersion("nlme")),
                     numDeriv = as.character(packageVersion("numDeriv")),
                     date = as.character(Sys.Date()))
write(toJSON(out, digits = 14, auto_unbox = TRUE, pretty = TRUE), "mmrm.json")
