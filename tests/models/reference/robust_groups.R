# Robust tests with groups of people as clusters by clubSandwich; writes robust_groups.json.
# Run from this folder: Rscript robust_groups.R
suppressMessages({library(lme4); library(clubSandwich); library(jsonlite)})
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-10, maxfun = 1e5),
                     check.conv.grad = "ignore", check.conv.singular = "ignore",
                     check.conv.hess = "ignore", check.scaleX = "ignore")
out <- list()
for (name in c("small", "sparse", "dropout")) {
  d <- read.csv(file.path("data", paste0(name, ".csv")))
  d$late <- pmax(d$time - 2, 0)
  # Uneven groups by the order of appearance: person 1 in group 0, 2 and 3 in group 1, and so on.
  code <- match(d$id, unique(d$id)) - 1
  d$group <- floor(sqrt(2 * code + 0.25) - 0.5)
  d$lone <- as.numeric(d$group == 2)  # a column that one group decides by itself
  here <- list()
  for (model in c("plain", "decided")) {
    f <- if (model == "plain") y ~ (time + late) * (x + age) + (1 + time | id) else
      y ~ (time + late) * (x + age) + lone + (1 + time | id)
    fit <- lmer(f, d, control = tight)
    terms <- names(fixef(fit))
    rows <- diag(length(terms))[match(c("time:x", "late:x"), terms), ]
    kinds <- list(terms = terms)
    for (type in c("CR0", "CR2")) {
      v <- vcovCR(fit, cluster = d$group, type = type)
      each <- coef_test(fit, vcov = v, test = "Satterthwaite")
      w <- Wald_test(fit, constraints = rows, vcov = v, test = "HTZ")
      kinds[[type]] <- list(covariance = as.matrix(v)[seq_along(terms), seq_along(terms)],
                            df = each$df_Satt, p = each$p_Satt, rows = rows,
                            F = w$Fstat, F_df = w$df_denom, F_p = w$p_val)
    }
    here[[model]] <- kinds
  }
  out[[name]] <- here
}
out$versions <- list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                     clubSandwich = as.character(packageVersion("clubSandwich")))
write(toJSON(out, digits = 12, auto_unbox = TRUE, na = "null", pretty = TRUE), "robust_groups.json")
