# Cluster-robust covariance and Satterthwaite df of the data sets of make_data.py by clubSandwich;
# writes clubsandwich.json. Run from this folder: Rscript clubsandwich.R
suppressMessages({library(lme4); library(clubSandwich); library(numDeriv); library(jsonlite)})
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5),
                     check.conv.grad = "ignore", check.conv.singular = "ignore",
                     check.conv.hess = "ignore", check.scaleX = "ignore")
as_given <- lmerControl(optimizer = NULL, check.conv.grad = "ignore",
                        check.conv.singular = "ignore", check.conv.hess = "ignore",
                        check.scaleX = "ignore", calc.derivs = FALSE)
# An optimiser that compares deviances cannot see the last digits of theta, on which the sixth
# digit of a robust covariance depends: Newton steps on the gradient find them. A diagonal entry
# of theta at zero stays there.
polished <- function(formula, d, reml) {
  fit <- lmer(formula, d, REML = reml, control = tight)
  theta <- getME(fit, "theta")
  dev <- lmer(formula, d, REML = reml, control = tight, devFunOnly = TRUE)
  free <- !(getME(fit, "lower") == 0 & theta < 1e-5)
  theta[!free] <- 0
  along <- function(x) { full <- theta; full[free] <- x; dev(full) }
  for (step in 1:4) {
    move <- solve(hessian(along, theta[free]), grad(along, theta[free]))
    theta[free] <- theta[free] - move
  }
  lmer(formula, d, REML = reml, start = list(theta = unname(theta)), control = as_given)
}
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
    if (!reml && m != "adjusted") next
    f <- models[[m]]
    if (f$random == "") {
      fit <- lm(as.formula(f$fixed), d)
      terms <- names(coef(fit)); estimate <- unname(coef(fit)); ll <- as.numeric(logLik(fit, REML = reml))
    } else {
      fit <- polished(as.formula(paste(f$fixed, "+", f$random)), d, reml)
      terms <- names(fixef(fit)); estimate <- unname(fixef(fit)); ll <- as.numeric(logLik(fit))
    }
    here <- list(log_likelihood = ll, terms = terms, estimate = estimate)
    for (type in c("CR0", "CR2")) {
      v <- vcovCR(fit, cluster = d$id, type = type)
      test <- coef_test(fit, vcov = v, test = "Satterthwaite")
      here[[type]] <- list(covariance = matrix(as.numeric(v), nrow(v)), std_error = test$SE,
                           df = test$df_Satt, p_value = test$p_Satt)
    }
    out[[paste(sub(".csv", "", file), m, if (reml) "REML" else "ML", sep = "/")]] <- here
  }
}
out$versions <- list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                     clubSandwich = as.character(packageVersion("clubSandwich")),
                     date = as.character(Sys.Date()))
write(toJSON(out, digits = I(15), auto_unbox = TRUE, na = "null"), "clubsandwich.json")
