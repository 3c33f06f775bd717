# Robust tests of several coefficients at once by clubSandwich; writes robust_rows.json.
# Run from this folder: Rscript robust_rows.R
suppressMessages({library(lme4); library(clubSandwich); library(jsonlite)})
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5),
                     check.conv.grad = "ignore", check.conv.singular = "ignore",
                     check.conv.hess = "ignore", check.scaleX = "ignore")
out <- list()
for (name in c("small", "sparse", "dropout")) {
  d <- read.csv(file.path("data", paste0(name, ".csv")))
  d$late <- pmax(d$time - 2, 0)
  fit <- lmer(y ~ (time + late) * (x + age) + (1 + time | id), d, control = tight)
  terms <- names(fixef(fit))
  rows <- diag(length(terms))[match(c("time:x", "late:x"), terms), ]
  three <- diag(length(terms))[match(c("x", "time:x", "late:x"), terms), ]
  change <- matrix(3 * rows[1, ] + rows[2, ], 1)
  here <- list(terms = terms)
  for (type in c("CR0", "CR2")) {
    v <- vcovCR(fit, cluster = d$id, type = type)
    tests <- lapply(list(two = rows, three = three, change = change), function(m) {
      w <- Wald_test(fit, constraints = m, vcov = v, test = "HTZ")
      list(rows = m, F = w$Fstat, df = w$df_denom, p = w$p_val)
    })
    here[[type]] <- tests
  }
  out[[name]] <- here
}
out$versions <- list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                     clubSandwich = as.character(packageVersion("clubSandwich")))
write(toJSON(out, digits = 12, auto_unbox = TRUE, pretty = TRUE), "robust_rows.json")
