# Fits resamples of people with lme4 and writes bootstrap.json with the resamples.
# Run from this folder: Rscript bootstrap.R
suppressMessages({library(lme4); library(jsonlite)})
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5),
                     check.conv.grad = "ignore", check.conv.singular = "ignore",
                     check.conv.hess = "ignore", check.scaleX = "ignore")
formula <- y ~ time * x + age + sex + (1 + time | id)
set.seed(20)
out <- list()
for (name in c("balanced", "dropout", "small")) {
  d <- read.csv(file.path("data", paste0(name, ".csv")))
  people <- unique(d$id)
  visits <- split(d, d$id)[people]
  draws <- list(); estimates <- list(); sigma <- c(); random <- list()
  for (b in 1:60) {
    drawn <- sample(people, replace = TRUE)
    copies <- lapply(seq_along(drawn), function(k) transform(visits[[drawn[k]]], id = k))
    fit <- suppressMessages(lmer(formula, do.call(rbind, copies), REML = TRUE, control = tight))
    draws[[b]] <- as.integer(table(factor(drawn, levels = people)))
    estimates[[b]] <- unname(fixef(fit)); sigma[b] <- sigma(fit)
    random[[b]] <- matrix(as.numeric(VarCorr(fit)$id), 2)
  }
  out[[name]] <- list(people = people, terms = names(fixef(fit)), weights = do.call(rbind, draws),
                      estimates = do.call(rbind, estimates), sigma = sigma, random = random)
}
out$versions <- list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                     date = as.character(Sys.Date()))
write(toJSON(out, digits = 9, auto_unbox = TRUE), "bootstrap.json")
