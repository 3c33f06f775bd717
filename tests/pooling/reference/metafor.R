# Random-effects meta-analysis by metafor: Rscript metafor.R > metafor.json (from this folder).
suppressMessages({
  library(metafor)
  library(jsonlite)
})
bcg <- escalc(measure = "RR", ai = tpos, bi = tneg, ci = cpos, di = cneg, data = dat.bcg)
cases <- list(
  bcg = list(y = as.numeric(bcg$yi), se = sqrt(as.numeric(bcg$vi))),
  sites = list(y = c(-0.31, -0.12, -0.55, 0.08, -0.27), se = c(0.12, 0.21, 0.30, 0.25, 0.15)),
  alike = list(y = c(-0.30, -0.31, -0.29, -0.305), se = c(0.11, 0.2, 0.14, 0.3)),
  two = list(y = c(-1.2, 0.4), se = c(0.4, 0.5)),
  small_units = list(y = c(0.00021, -0.00004, 0.00055, 0.0001), se = c(4e-5, 9e-5, 1e-4, 2e-4)),
  far = list(y = c(12, 15, 9, 30, 22, 11, 17), se = c(1, 2, 1.5, 3, 0.7, 2, 1.1))
)
control <- list(threshold = 1e-14, stepadj = 1, maxiter = 1000, tol = 1e-14)
one <- function(y, se, method, test = "knha") {
  rma(y, sei = se, method = method, test = test, control = if (method == "REML")
    list(threshold = 1e-13, maxiter = 1000) else list(tol = 1e-13, maxiter = 1000))
}
made <- lapply(cases, function(d) {
  out <- list(y = d$y, se = d$se)
  for (method in c("REML", "PM")) {
    m <- one(d$y, d$se, method)
    p <- predict(m)
    ci <- confint(m, control = list(tol = 1e-20, maxiter = 1000, tau2.max = 1e6))$random
    adhoc <- one(d$y, d$se, method, "adhoc")
    left <- lapply(seq_along(d$y), function(j) {
      if (length(d$y) < 3) return(NULL)
      l <- one(d$y[-j], d$se[-j], method)
      list(estimate = as.numeric(l$beta), se = l$se, low = l$ci.lb, high = l$ci.ub, tau2 = l$tau2)
    })
    out[[method]] <- list(
      estimate = as.numeric(m$beta), se = m$se, df = m$ddf, statistic = m$zval, p = m$pval,
      low = m$ci.lb, high = m$ci.ub, tau2 = m$tau2, i2 = m$I2 / 100, q = m$QE, q_p = m$QEp,
      tau2_low = ci["tau^2", "ci.lb"], tau2_high = ci["tau^2", "ci.ub"],
      i2_low = ci["I^2(%)", "ci.lb"] / 100, i2_high = ci["I^2(%)", "ci.ub"] / 100,
      predict_low = p$pi.lb, predict_high = p$pi.ub,
      adhoc_se = adhoc$se, adhoc_low = adhoc$ci.lb, adhoc_high = adhoc$ci.ub, left = left)
  }
  fe <- rma(d$y, sei = d$se, method = "FE")
  out$common <- list(estimate = as.numeric(fe$beta), se = fe$se, low = fe$ci.lb, high = fe$ci.ub)
  out
})
made$versions <- list(R = R.version.string, metafor = as.character(packageVersion("metafor")))
cat(toJSON(made, digits = I(17), auto_unbox = TRUE, na = "null", pretty = TRUE), "\n")
