# Leaves each person out of mixed models with lme4 and writes influence.json.
# Run from this folder: Rscript influence.R
# Twice: lme4::influence as it is, and refits whose optimiser is told to go on to the optimum.
suppressMessages({library(lme4); library(jsonlite)})
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5),
                     check.conv.grad = "ignore", check.conv.singular = "ignore",
                     check.conv.hess = "ignore", check.scaleX = "ignore")
formula <- y ~ time * x + age + sex + (1 + time | id)
out <- list()
for (name in c("small", "balanced", "sparse")) {
  d <- read.csv(file.path("data", paste0(name, ".csv")))
  fit <- lmer(formula, d, REML = TRUE, control = tight)
  people <- unique(d$id)
  gone <- suppressMessages(influence(fit, groups = "id", data = d))
  again <- t(sapply(people, function(who)
    fixef(lmer(formula, d[d$id != who, ], REML = TRUE, control = tight))))
  n <- length(people); p <- length(fixef(fit))
  away <- again - matrix(fixef(fit), n, p, byrow = TRUE)
  cooks <- rowSums((away %*% solve(as.matrix(vcov(fit)))) * away) * (n - p) / (n * p)
  out[[name]] <- list(people = people, terms = names(fixef(fit)), estimate = unname(fixef(fit)),
                      std_error = unname(sqrt(diag(as.matrix(vcov(fit))))),
                      influence_dfbeta = unname(dfbeta(gone)),
                      influence_cooks = unname(cooks.distance(gone)),
                      dfbeta = unname(away), cooks = unname(cooks))
}
out$versions <- list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                     date = as.character(Sys.Date()))
write(toJSON(out, digits = 10, auto_unbox = TRUE), "influence.json")
