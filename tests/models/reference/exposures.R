# Scores together, in groups, within groups, freed of a component, and in interactions, with lme4
# and lmerTest on a data set of make_data.py; writes exposures.json.
# Run from this folder: Rscript exposures.R
suppressMessages({library(lmerTest); library(jsonlite)})
tight <- lmerControl(optimizer = "bobyqa", optCtrl = list(rhoend = 1e-9, maxfun = 1e5))
d <- read.csv(file.path("data", "dropout.csv"))
p <- d[!duplicated(d$id), ]
z <- function(v) (v - mean(v)) / sd(v)
p$zx <- z(p$x); p$za <- z(p$age)
p$male <- as.numeric(p$sex == sort(unique(p$sex))[2])
p$male_c <- p$male - mean(p$male)
for (s in sort(unique(p$site))[-1]) {
  p[[paste0("site_", s)]] <- as.numeric(p$site == s)
  p[[paste0("c_", s)]] <- p[[paste0("site_", s)]] - mean(p[[paste0("site_", s)]])
}
cuts <- quantile(p$x, c(1, 2) / 3, type = 7)
p$g <- factor(findInterval(p$x, cuts, left.open = TRUE))
p$rx <- { r <- residuals(lm(x ~ age, p)); r / sqrt(sum(r^2) / (nrow(p) - 2)) }
p$wx <- ave(p$x, p$sex, FUN = z)
d <- merge(d[, c("id", "time", "y")], p[, setdiff(names(p), c("time", "y"))], by = "id")
sites <- sort(unique(p$site))[-1]
of_site <- paste(paste0("site_", sites), collapse = " + ")
products <- paste(paste0("zx:c_", sites), collapse = " + ")
models <- list(
  together = "y ~ time * (male + zx + za) + (1 + time | id)",
  scores = "y ~ time * (male + zx + za + I(zx * za)) + (1 + time | id)",
  site = paste0("y ~ time * (", of_site, " + zx + ", products, ") + (1 + time | id)"),
  numeric = "y ~ time * (age + zx + I(zx * za)) + (1 + time | id)",
  groups = "y ~ time * (male + g) + (1 + time | id)",
  residual = "y ~ time * (male + rx) + age + (1 + time | id)",
  within = "y ~ time * (male + wx) + (1 + time | id)"
)
out <- list()
for (name in names(models)) {
  fit <- lmer(as.formula(models[[name]]), d, control = tight)
  s <- coef(summary(fit))
  out[[name]] <- list(formula = models[[name]], terms = rownames(s), estimate = unname(s[, 1]),
                      std_error = unname(s[, 2]), df = unname(s[, 3]), p = unname(s[, 5]),
                      log_likelihood = as.numeric(logLik(fit)))
  if (name == "site") {
    rows <- grep("time:.*zx:c_|zx:c_.*time", rownames(s))
    L <- diag(nrow(s))[rows, , drop = FALSE]
    f <- contestMD(fit, L)
    out[[name]]$joint <- list(f = f[["F value"]], df = f[["DenDF"]], p = f[["Pr(>F)"]])
  }
}
out$versions <- list(R = R.version.string, lme4 = as.character(packageVersion("lme4")),
                     lmerTest = as.character(packageVersion("lmerTest")),
                     date = as.character(Sys.Date()))
write(toJSON(out, digits = 12, auto_unbox = TRUE), "exposures.json")
